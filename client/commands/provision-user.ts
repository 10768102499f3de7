import { randomUUID } from 'node:crypto';
import type { Anchor } from '../../model/entry.ts';
import type { NamedBy } from '../../model/named-by.ts';
import type { AskedTie } from '../../state/asked.ts';
import type { RunNote, State } from '../../state/state.ts';
import { findKnown, namedBy } from '../explain/find-person.ts';
import { followRun } from '../follow.ts';
import { say, sayJson } from '../output.ts';
import { startProvision } from '../provision.ts';
import { actorOf, withSession, type ActingOptions, type Session } from '../session.ts';
import { requireWorker } from '../workers.ts';

export interface ProvisionOptions extends ActingOptions {
  dryRun?: boolean;
}

/** `provision-user`: brings one person to where a run would, now, beside whatever run is going on. */
export function provisionUser(options: ProvisionOptions, person: string): Promise<number> {
  return runOnPerson(options, person);
}

/** A run on one person; with `tie` one that links him by hand. */
export function runOnPerson(options: ProvisionOptions, person: string, tie?: AskedTie): Promise<number> {
  return withSession(options, async (session) => {
    await requireWorker(session);
    const [sync, runId, name] = [session.settings.name, randomUUID(), namedBy(person)];
    const anchor = await knownAnchor(session, name);
    const { asked } = await session.state();
    // What was typed may be personal, and reaches the run through state alone; ids are nobody's secret.
    if (name.way !== 'id') await asked.ask(runId, sync, name);
    if (tie !== undefined) await asked.askTie(runId, sync, tie);
    const dryRun = options.dryRun === true;
    const input = { runId, sync, mode: 'provision' as const, dryRun, actor: actorOf(options), anchor };
    const client = await session.temporal();
    const handle = await startProvision(client, input).catch(async (error: unknown) => {
      await asked.forget(runId);
      throw error;
    });
    if (options.wait === true) return follow(session, options, runId, () => followRun(session, options, handle, runId));
    if (options.json === true) sayJson({ runId, workflowId: handle.workflowId });
    else say(`Run ${runId} is started; see how it ends with \`report ${runId.slice(0, 8)}\`.`);
    return 0;
  });
}

/** The anchor that state knows for sure by that name; null leaves it to the run to find the person. */
async function knownAnchor(session: Session, name: NamedBy): Promise<Anchor | null> {
  const known = (await findKnown(session, name)).filter(({ via }) => via !== 'audit');
  if (known.length === 1) return known[0]?.anchor ?? null;
  return name.way === 'id' ? name.text : null;
}

/** The numbers of a report say little about one person: what was done and found follows them. */
async function follow(
  session: Session,
  options: ProvisionOptions,
  runId: string,
  end: () => Promise<number>,
): Promise<number> {
  const status = await end();
  if (options.json !== true) for (const line of await storyOf(await session.state(), runId)) say(line);
  return status;
}

async function storyOf(state: State, runId: string): Promise<string[]> {
  const lines: string[] = [];
  for await (const page of state.lookBack.changesOf(runId)) {
    for (const { kind, userName, status, reason, message } of page) {
      lines.push(`${kind} ${userName}: ${reason}; ${status}${message === null ? '' : `: ${message}`}`);
    }
  }
  const notes = await state.runs.notes(runId, 20);
  return [...lines, ...notes.map(({ attribute, problem }: RunNote) => `${attribute}: ${problem}`)];
}
