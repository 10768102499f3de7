import type { Link, ScimUser } from '../model/user.ts';
import type { Difference } from '../planning/diff.ts';
import { withRestoredRoles } from '../planning/restored-roles.ts';
import type { Attempt } from './write-attempt.ts';

/** Keeps what SCIM shows of a leaver, since making him inactive takes his roles; not of one who is inactive already. */
export async function keepForReturn({ dependencies, input, row }: Attempt, actual: ScimUser): Promise<void> {
  if (!actual.active) return;
  const { anchor } = row.change;
  await dependencies.state.snapshots.keep({
    sync: row.sync,
    runId: input.runId,
    genesysId: actual.id,
    anchor,
    user: actual,
  });
}

/**
 * Adds the roles that a returner lost when Rollcall last made him inactive, as `leavers.restoreOnReturn` has it. Nothing
 * comes back of what was lost otherwise, or while nobody kept it.
 */
export async function restoreRoles(
  { dependencies, row }: Attempt,
  link: Link,
  actual: ScimUser,
  difference: Difference,
): Promise<Difference> {
  const { settings, state } = dependencies;
  const { grantableRoles, protect } = settings.target;
  if (!settings.leavers.restoreOnReturn || link.active || actual.active) return difference;
  const rows = await state.audit.ofAnchor(row.sync, link.anchor);
  const ends = rows.filter(({ genesysId, kind, step }) => {
    return genesysId === link.genesysId && (kind === 'deactivate' || step === 'retire');
  });
  const last = ends.reduce((newest, one) => (newest === undefined || one.at >= newest.at ? one : newest), ends[0]);
  const seen = last === undefined ? null : await state.snapshots.ofRun(row.sync, link.genesysId, last.runId);
  if (seen === null) return difference;
  return withRestoredRoles(difference, {
    kept: seen.user,
    actual,
    written: link.written,
    grantable: grantableRoles,
    protectedRoles: protect.roles,
  });
}
