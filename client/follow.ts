import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { RollcallError } from '../model/errors.ts';
import type { RunReport } from '../model/run.ts';
import type { State } from '../state/state.ts';
import type { PausedBy, RunProgress } from '../workflows/messages.ts';
import { pc } from './colours.ts';
import { terminatedReport } from './ended-outside.ts';
import { exitOfOutcome } from './exit.ts';
import { note, say, sayJson } from './output.ts';
import { renderReport } from './render-report.ts';
import type { CommonOptions, Session } from './session.ts';

const POLL_MS = 700;
/** How long a query may take; a process that has its answer ends before this is over. */
const PROGRESS_MS = 2_000;

/** A run that is being followed. */
interface Watched {
  handle: WorkflowHandle;
  runId: string;
  state: State;
}

/** Follows a run to its end, shows what it did, and returns the exit status. */
export async function followRun(
  session: Session,
  options: CommonOptions,
  handle: WorkflowHandle,
  runId: string,
): Promise<number> {
  const ended = untilOver(session, handle, runId);
  const watched = { handle, runId, state: await session.state() };
  await Promise.all([ended, showProgress(watched, ended, options.json === true)]);
  const report = await finalReport(session, runId);
  if (options.json === true) sayJson(report);
  else say(renderReport(report));
  return exitOfOutcome(report.outcome);
}

/** Waits for the end of a run, also of one that goes on in another execution since somebody reset it. */
async function untilOver(session: Session, handle: WorkflowHandle, runId: string): Promise<void> {
  for (let next: WorkflowHandle | null = handle; next !== null;) {
    // How the workflow failed does not matter here: state has the run's own words.
    await next.result().catch((error: unknown) => {
      if (!(error instanceof WorkflowFailedError)) throw error;
    });
    next = await goesOn(session, handle.workflowId, runId);
  }
}

/** The execution in which a run that has not been closed goes on; null when it does not. */
async function goesOn(session: Session, workflowId: string, runId: string): Promise<WorkflowHandle | null> {
  const row = await (await session.state()).runs.get(runId);
  if (row === null || row.finishedAt !== null) return null;
  const handle = (await session.temporal()).workflow.getHandle(workflowId);
  const { status, memo } = await handle.describe();
  return status.name === 'RUNNING' && memo?.['runId'] === runId ? handle : null;
}

/** The run's report; a run that was ended from outside is told as failed. */
async function finalReport(session: Session, runId: string): Promise<RunReport> {
  const state = await session.state();
  const report = await state.runs.report(runId);
  if (report === null) {
    const message = `Run ${runId} ended before it was opened; look at it in Temporal's Web UI, then start it again.`;
    throw new RollcallError('run.not-found', message);
  }
  const row = await state.runs.get(runId);
  return row?.finishedAt === null ? terminatedReport(report) : report;
}

/** A moving line on a terminal, one plain line for each phase and pause elsewhere; nothing beside the object of `--json` on stdout. */
async function showProgress(watched: Watched, ended: Promise<unknown>, quiet: boolean): Promise<void> {
  const over = new AbortController();
  const end = (): void => over.abort();
  ended.then(end, end);
  const terminal = process.stderr.isTTY && !quiet;
  let lastShown = '';
  while (!over.signal.aborted) {
    // Cut short by the end, for which nobody should wait longer than it takes.
    await sleep(POLL_MS, undefined, { signal: over.signal }).catch(() => undefined);
    const progress = quiet || over.signal.aborted ? null : await askProgress(watched.handle);
    if (progress === null || over.signal.aborted) continue;
    const shown = `${progress.phase} ${progress.paused?.since ?? ''}`;
    if (terminal) process.stderr.write(`\r\u001b[2K${pc.cyan(await line(watched, progress))}`);
    else if (shown !== lastShown) note(await line(watched, progress));
    lastShown = shown;
  }
  if (terminal) process.stderr.write('\r\u001b[2K');
}

/** Where a run stands; null while no worker answers, since progress is a courtesy. */
export async function askProgress(handle: WorkflowHandle): Promise<RunProgress | null> {
  const patience = sleep(PROGRESS_MS, null, { ref: false });
  return Promise.race([handle.query<RunProgress>('progress').catch(() => null), patience]);
}

/** The workflow tells the phase, state how far it is: it knows of every user, the workflow of whole slices. */
async function line({ runId, state }: Watched, progress: RunProgress): Promise<string> {
  const paused = progress.paused ?? null;
  const pausing = paused === null ? '' : `; ${pausedSentence(paused)}`;
  if (progress.phase !== 'applying') return `${progress.phase} …${pausing}`;
  const counts = Object.values(await state.changes.counts(runId));
  const applied = counts.reduce((sum, kind) => sum + kind.applied, 0);
  return `applying: ${applied} of ${progress.toApply} changes${pausing}`;
}

/** The same words wherever a paused run is shown. */
export function pausedSentence({ by, because, since }: PausedBy): string {
  return `paused by ${by} since ${since}${because === null ? '' : ` because: ${because}`}`;
}
