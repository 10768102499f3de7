import type { ChangeKind } from '../../model/change.ts';
import type { Anchor } from '../../model/entry.ts';
import type { Ignore } from '../../model/ignore.ts';
import { PROFILES } from '../../model/profile.ts';
import type { RunMode } from '../../model/run.ts';
import type { Link } from '../../model/user.ts';
import type { Intervention } from '../../state/ignores.ts';
import type { Holding, KnownPerson } from '../../state/people.ts';
import type { TieDecision } from '../../state/ties.ts';
import type { AuditRow, ParkedRow, RunNote, SentRequest } from '../../state/state.ts';
import type { Session } from '../session.ts';
import { findKnown, namedBy, nobody } from './find-person.ts';
import { lookEverywhere, type LiveEntry, type LiveLook } from './live-look.ts';
import { lookAhead, type NextRun } from './next-run.ts';

/** Who is meant; texts are empty where nobody knows them. */
export type Someone = Omit<KnownPerson, 'via'>;

/** What `explain --json` prints: everything that is known about one person. */
export interface Explanation {
  person: Someone;
  /** Others whom the name fits as well; ask for them by anchor. */
  others: Someone[];
  /** The Genesys user and the values last written to it; null = Rollcall neither created nor adopted one. */
  link: Link | null;
  /** Others whose Genesys user has the login that the entry maps to, as last written. */
  loginHolders: Link[];
  /** Applied changes over all runs, oldest first. */
  changes: ExplainedChange[];
  parked: ParkedRow | null;
  /** That runs leave him alone now, since when and why; null where they do not. */
  ignored: Ignore | null;
  /** What operators decided about him (`ignore`, `release`), oldest first. */
  decisions: Intervention[];
  /** Whom he was tied to by hand, or untied from (`link`, `unlink`), oldest first. */
  ties: TieDecision[];
  /** Open batches that hold a change of this person: why it was planned, and why it or the whole batch waits. */
  held: {
    heldBatch: string;
    kind: ChangeKind;
    reason: string;
    heldBecause: string | null;
    reasons: string[];
    dryRun: boolean;
    expiresAt: string;
  }[];
  /** The newest run that mapped the entry, and what it found about it. */
  lastMapped: { runId: string; mode: RunMode; startedAt: string; notes: RunNote[] } | null;
  /** The entry as each directory has it now. */
  directories: { directory: string; error: string | null; entry: LiveEntry | null }[];
  /** What the next run would do; null where no run could be asked. */
  nextRun: NextRun | null;
  /** Why no run could be asked; null where one was. */
  nextRunUnknown: string | null;
}

export type ExplainedChange = Omit<AuditRow, 'request'> & { request: (SentRequest & { path: string }) | null };

/**
 * Gathers everything about the person whom the name fits best.
 * @throws RollcallError `person.not-found`
 */
export async function explainPerson(session: Session, text: string): Promise<Explanation> {
  const name = namedBy(text);
  const known = await findKnown(session, name);
  const looks = await lookEverywhere(
    session,
    name,
    known.map(({ anchor }) => anchor),
  );
  const [person, ...others] = inOrder(known, looks);
  if (person === undefined) throw nobody(session, placesAsked(looks));
  const store = await session.state();
  const sync = session.settings.name;
  const { anchor } = person;
  const links = await store.links.byAnchor(sync, [anchor]);
  const last = await store.people.lastNotes(sync, anchor);
  const entries = looks.flatMap((look) => look.entries.filter(({ entry }) => entry.anchor === anchor));
  const ahead = await lookAhead(session, { anchor, linked: links.has(anchor), entries });
  return {
    person,
    others,
    link: links.get(anchor) ?? null,
    loginHolders: await loginHolders(session, person, entries),
    changes: (await store.audit.ofAnchor(sync, anchor)).map((row) => withPath(row, usersPath(session))),
    parked: await store.people.parked(sync, anchor),
    ignored: (await store.ignores.byAnchor(sync, [anchor])).get(anchor) ?? null,
    decisions: await store.ignores.history(sync, anchor),
    ties: await store.ties.history(sync, anchor),
    held: (await store.people.holdings(sync, anchor)).map(toHeld),
    lastMapped:
      last === null
        ? null
        : { runId: last.run.runId, mode: last.run.mode, startedAt: last.run.startedAt, notes: last.notes },
    directories: looks.map(({ directory, error, entries }) => ({
      directory,
      error,
      entry: entries.find(({ entry }) => entry.anchor === anchor) ?? null,
    })),
    nextRun: ahead.nextRun,
    nextRunUnknown: ahead.unasked,
  };
}

/** Who stands between a person and the login that he shall have; whom Rollcall does not manage only a full run sees. */
async function loginHolders({ settings, state }: Session, { anchor }: Someone, entries: LiveEntry[]): Promise<Link[]> {
  const { links, people } = await state();
  const wanted = entries.flatMap(({ mapped }) => mapped.desired?.userName ?? []);
  const holders: Link[] = [];
  for (const login of new Set(wanted)) {
    const known = (await people.find(settings.name, { login })).filter((one) => one.anchor !== anchor);
    const found = await links.byAnchor(
      settings.name,
      known.map((one) => one.anchor),
    );
    holders.push(...[...found.values()].filter((link) => link.userName.toLowerCase() === login.toLowerCase()));
  }
  return holders;
}

const ONCE: readonly KnownPerson['via'][] = ['audit', 'ignored'];

/** Who has the name now before who had it once; of strangers to state those in scope before those outside. */
export function inOrder(known: readonly KnownPerson[], looks: readonly LiveLook[]): Someone[] {
  const live = looks.flatMap(({ entries }) => entries);
  const everybody = [
    ...known.filter(({ via }) => !ONCE.includes(via)),
    ...live.filter(({ inScope }) => inScope).map(strangerOf),
    ...known.filter(({ via }) => ONCE.includes(via)),
    ...live.filter(({ inScope }) => !inScope).map(strangerOf),
  ];
  const people = new Map<Anchor, Someone>();
  for (const { anchor, userName, displayName, dn } of everybody) {
    const earlier = people.get(anchor);
    // What was found first decides the place; what only a later source knows fills in.
    people.set(anchor, {
      anchor,
      userName: earlier?.userName || userName,
      displayName: earlier?.displayName || displayName,
      dn: earlier?.dn || dn,
    });
  }
  return [...people.values()];
}

function strangerOf({ entry, mapped }: LiveEntry): Someone {
  const { userName = '', displayName = '' } = mapped.desired ?? {};
  return { anchor: entry.anchor, userName, displayName, dn: entry.dn };
}

/** The resource of users; a POST goes to it, a PATCH to the user below it. */
function usersPath({ settings: { target } }: Session): string {
  return `${new URL(target.baseUrl).pathname.replace(/\/+$/, '')}${PROFILES[target.profile].usersPath}`;
}

function withPath(row: AuditRow, users: string): ExplainedChange {
  const { request } = row;
  if (request === null) return { ...row, request };
  const path = request.genesysId === null ? users : `${users}/${request.genesysId}`;
  return { ...row, request: { ...request, path } };
}

function toHeld({ batch, ...change }: Holding): Explanation['held'][number] {
  const { hash, reasons, dryRun, expiresAt } = batch;
  return { heldBatch: hash, ...change, reasons, dryRun, expiresAt };
}

function placesAsked(looks: readonly LiveLook[]): string {
  const failed = looks.filter(({ error }) => error !== null).map(({ directory }) => directory);
  if (failed.length === 0) return 'in state or directory';
  return `in its state, and ${failed.join(', ')} could not be asked`;
}
