import { RollcallError } from '../../model/errors.ts';
import type { RunMode, StoredOutcome } from '../../model/run.ts';
import type { RunRow, State, WorkerRow } from '../../state/state.ts';
import { temporalFailure } from '../../temporal/failures.ts';
import type { IgnoredPerson } from '../../state/ignores.ts';
import type { PausedBy, RunPhase } from '../../workflows/messages.ts';
import { pc } from '../colours.ts';
import { settleRuns } from '../ended-outside.ts';
import { EXIT } from '../exit.ts';
import { askProgress, pausedSentence } from '../follow.ts';
import { say, sayJson } from '../output.ts';
import { findRunning } from '../running.ts';
import { scheduleRows, type ScheduleRow } from '../schedule-rows.ts';
import { withSession, type CommonOptions, type Session } from '../session.ts';
import { livingWorkers, short } from '../workers.ts';

/** What `status --json` prints. */
export interface Status {
  sync: string;
  /** Workers that gave a sign of life in the last seconds. */
  workers: Pick<WorkerRow, 'host' | 'pid' | 'configHash' | 'startedAt' | 'seenAt'>[];
  /** The run that is going on; `phase` is null while nobody tells it, and then `paused` is null too. */
  running: RunningNow | null;
  /** The newest real run that has ended. */
  lastRun: EndedRun | null;
  /** The newest that read every directory and carried their plan out: completed, parked or held. */
  lastFull: EndedRun | null;
  lastDelta: EndedRun | null;
  /** Milliseconds since the newest complete read of the directories began; null before the first. */
  lagMs: number | null;
  heldBatches: {
    hash: string;
    size: number;
    dryRun: boolean;
    reasons: string[];
    createdAt: string;
    expiresAt: string;
  }[];
  /** Parked changes that later runs try again. */
  parked: number;
  /** Whom runs leave alone now. */
  ignored: IgnoredPerson[];
  links: { active: number; total: number };
  /** When runs start by themselves; null where Temporal could not be asked. */
  schedules: ScheduleRow[] | null;
  /** Why Temporal could not be asked; null when it answered. */
  temporalError: string | null;
}

export interface RunningNow {
  runId: string;
  mode: RunMode;
  dryRun: boolean;
  startedAt: string;
  phase: RunPhase | null;
  paused: PausedBy | null;
}

export interface EndedRun {
  runId: string;
  mode: RunMode;
  startedAt: string;
  finishedAt: string;
  outcome: StoredOutcome;
  error: string | null;
  /** False: the read failed, or one of several directories could not be read; `error` then says which and why. */
  directoryComplete: boolean;
}

/** Among so many of the newest runs there is one that is no dry run and has ended, else none counts. */
const NEWEST = 50;

/** `status`: how this sync stands, for people and for monitoring. See {@link statusExit} for its exit status. */
export function status(options: CommonOptions): Promise<number> {
  return withSession(options, async (session) => {
    const found = await readStatus(session);
    if (options.json === true) sayJson(found);
    else say(renderStatus(found, session.settings.hash));
    return statusExit(found);
  });
}

/**
 * 1: no worker lives, or the last run failed, was ended from outside or could not read a directory; 4: a batch waits; 3:
 * changes are parked; else 0.
 */
export function statusExit({ workers, lastRun, heldBatches, parked }: Status): number {
  if (workers.length === 0 || whatFailed(lastRun) !== null) return EXIT.failed;
  // A dry run's plan may be approved but need not be: nobody is kept waiting by it.
  if (heldBatches.some(({ dryRun }) => !dryRun)) return EXIT.held;
  return parked > 0 ? EXIT.parked : EXIT.done;
}

async function readStatus(session: Session): Promise<Status> {
  const sync = session.settings.name;
  const state = await session.state();
  const listed = await state.runs.list(sync, NEWEST, { everybody: true });
  const { rows: newest, temporalError } = await settleRuns(session, listed);
  const last = newest.find((run) => run.finishedAt !== null && !run.dryRun);
  const complete = await state.runs.lastComplete(sync, ['full', 'delta']);
  const workers = await livingWorkers(session);
  return {
    sync,
    workers: workers.map(({ host, pid, configHash, startedAt, seenAt }) => ({
      host,
      pid,
      configHash,
      startedAt,
      seenAt,
    })),
    lastRun: last === undefined ? null : toEnded(last),
    lastFull: await lastGood(state, sync, 'full'),
    lastDelta: await lastGood(state, sync, 'delta'),
    lagMs: complete === null ? null : Math.max(0, Date.now() - Date.parse(complete.startedAt)),
    heldBatches: (await state.lookBack.openBatches(sync)).map((batch) => {
      const { hash, size, dryRun, reasons, createdAt, expiresAt } = batch;
      return { hash, size, dryRun, reasons, createdAt, expiresAt };
    }),
    parked: await state.parked.count(sync),
    ignored: await state.ignores.list(sync),
    links: await state.links.counts(sync),
    ...(temporalError === null ? await askTemporal(session, newest[0]) : withoutTemporal(newest[0], temporalError)),
  };
}

async function lastGood(state: State, sync: string, mode: RunMode): Promise<EndedRun | null> {
  const run = await state.lookBack.lastGood(sync, mode);
  return run === null ? null : toEnded(run);
}

function toEnded({ runId, mode, startedAt, finishedAt, outcome, error, directory }: RunRow): EndedRun {
  const ended = { finishedAt: finishedAt ?? startedAt, outcome: outcome ?? 'terminated' };
  return { runId, mode, startedAt, ...ended, error, directoryComplete: directory.complete };
}

type FromTemporal = Pick<Status, 'running' | 'schedules' | 'temporalError'>;

/** What only Temporal knows. Without it the rest is told all the same, and that it could not be asked. */
async function askTemporal(session: Session, newest: RunRow | undefined): Promise<FromTemporal> {
  const running = toRunning(newest);
  try {
    const schedules = await scheduleRows(await session.temporal(), session.settings);
    return { running: running === null ? null : await withProgress(session, running), schedules, temporalError: null };
  } catch (error) {
    const failure = temporalFailure(error);
    if (!(failure instanceof RollcallError)) throw failure;
    return withoutTemporal(newest, failure.message);
  }
}

function withoutTemporal(newest: RunRow | undefined, temporalError: string): FromTemporal {
  return { running: toRunning(newest), schedules: null, temporalError };
}

function toRunning(newest: RunRow | undefined): RunningNow | null {
  if (newest === undefined || newest.finishedAt !== null) return null;
  const { runId, mode, dryRun, startedAt } = newest;
  return { runId, mode, dryRun, startedAt, phase: null, paused: null };
}

/** As it was while the worker does not answer. */
async function withProgress(session: Session, running: RunningNow): Promise<RunningNow> {
  const found = await findRunning(session);
  const progress = found === null ? null : await askProgress(found.handle);
  return progress === null ? running : { ...running, phase: progress.phase, paused: progress.paused ?? null };
}

/** @param configHash that of this command's configuration */
export function renderStatus(found: Status, configHash: string): string {
  const { ignored, links, parked, running } = found;
  return [
    `sync ${pc.bold(found.sync)}: ${verdict(found)}`,
    ...workerLines(found, configHash),
    ...(running === null ? [] : [runningLine(running)]),
    ...(running === null && found.lastRun === null ? [] : [`last run: ${renderEnded(found.lastRun)}`]),
    `last good full run: ${renderEnded(found.lastFull)}`,
    `last good delta: ${renderEnded(found.lastDelta)}`,
    `last complete read of the directory: ${found.lagMs === null ? 'none yet' : `${ago(found.lagMs)} ago`}`,
    ...found.heldBatches.map(({ hash, size, dryRun, expiresAt }) => {
      const what = dryRun ? 'plan of a dry run' : pc.yellow('held batch');
      return `${what}: ${size} ${size === 1 ? 'change' : 'changes'}, until ${expiresAt}: \`approve --plan ${hash}\``;
    }),
    parked === 0 ? 'parked: nobody' : `${pc.yellow('parked')}: ${parked}; see \`parked\``,
    ...(ignored.length === 0 ? [] : [`ignored: ${ignored.length}; see \`parked\``]),
    `linked people: ${links.active} active of ${links.total}`,
    ...scheduleLines(found),
  ].join('\n');
}

function verdict(found: Status): string {
  switch (statusExit(found)) {
    case EXIT.failed:
      return pc.red(found.workers.length === 0 ? 'no worker is running' : (whatFailed(found.lastRun) ?? ''));
    case EXIT.held:
      return pc.yellow('changes wait for a decision');
    case EXIT.parked:
      return pc.yellow('changes are parked');
    default:
      return pc.green('healthy');
  }
}

/** The last run in words where it did not do its job; null for none, and for one that was cancelled by a person. */
function whatFailed(lastRun: EndedRun | null): string | null {
  if (lastRun?.outcome === 'failed') return 'the last run failed';
  if (lastRun?.outcome === 'terminated') return 'the last run was ended from outside';
  if (lastRun === null || lastRun.outcome === 'cancelled' || lastRun.directoryComplete) return null;
  return 'the last run could not read a directory, whose people stay as they were';
}

function workerLines({ workers }: Status, configHash: string): string[] {
  if (workers.length === 0) return [`workers: ${pc.red('none')}; start one with \`npm run worker\``];
  return workers.map((worker) => {
    const differs =
      worker.configHash === configHash ? '' : `, with another configuration (${short(worker.configHash)})`;
    return `worker: ${worker.host}, process ${worker.pid}, since ${worker.startedAt}${differs}`;
  });
}

function runningLine(running: RunningNow): string {
  const { startedAt, phase, paused } = running;
  const pausing = paused === null ? '' : `, ${pc.yellow(pausedSentence(paused))}; \`resume\` lets it go on`;
  return `running: ${modeOf(running)} since ${startedAt}, ${phase ?? 'phase unknown'}${pausing}`;
}

function scheduleLines({ schedules, temporalError }: Status): string[] {
  if (schedules === null)
    return [`schedules: ${pc.yellow('unknown')}, for Temporal could not be asked: ${temporalError}`];
  if (schedules.length === 0) return ['schedules: none, runs start by hand alone'];
  return schedules.map(({ mode, paused, note, next, last }) => {
    const when = paused ? `${pc.yellow('paused')}${note === '' ? '' : ` (${note})`}` : `next run ${next[0] ?? 'never'}`;
    const before = last === null ? 'none started yet' : `last started ${last.at}, ${last.outcome}`;
    return `${mode} schedule: ${when}; ${before}`;
  });
}

function modeOf({ mode, dryRun }: { mode: RunMode; dryRun: boolean }): string {
  return dryRun ? `${mode} dry run` : `${mode} run`;
}

function renderEnded(run: EndedRun | null): string {
  if (run === null) return 'none yet';
  return `${run.outcome} at ${run.finishedAt} (${run.mode}, ${run.runId})${run.error === null ? '' : `: ${run.error}`}`;
}

/** The two largest units of a span of time: `2 d 3 h`, `4 min 12 s`. */
function ago(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3_600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ];
  const first = Math.max(
    0,
    parts.findIndex(([count]) => count > 0),
  );
  const shown = seconds === 0 ? parts.slice(-1) : parts.slice(first, first + 2);
  return shown.map(([count, unit]) => `${count} ${unit}`).join(' ');
}
