import { isGrpcServiceError, ScheduleClient, ScheduleOverlapPolicy, type Client } from '@temporalio/client';
import { ConfigError, RollcallError } from '../../model/errors.ts';
import { SCHEDULED_MODES, type ScheduledMode } from '../../model/run.ts';
import type { ScheduleSettings, Settings } from '../../model/settings.ts';
import { scheduleId } from '../../workflows/ids.ts';
import { EXIT } from '../exit.ts';
import { note, say, sayJson } from '../output.ts';
import { renderSchedules } from '../render-schedules.ts';
import { scheduleDefinition } from '../schedule-definition.ts';
import { findSchedule, scheduleRows } from '../schedule-rows.ts';
import { actorOf, withSession, type ActingOptions, type CommonOptions, type Session } from '../session.ts';
import { requireWorker } from '../workers.ts';

export interface ScheduleActOptions extends ActingOptions {
  /** Absent: every schedule there is. */
  mode?: string;
  /** Stands in the schedule's note. */
  reason?: string;
}

export interface TriggerOptions extends ActingOptions {
  mode: string;
}

/** What an acting command did to one schedule; printed by `--json` as a list. */
interface Done {
  mode: ScheduledMode;
  scheduleId: string;
  change: 'created' | 'updated' | 'deleted' | 'paused' | 'resumed' | 'triggered';
}

/** Number of INVALID_ARGUMENT in gRPC (https://grpc.io/docs/guides/status-codes). */
const INVALID_ARGUMENT = 3;

/**
 * `schedule apply`: makes Temporal's schedules what the configuration says; one whose mode it does not name any more is
 * deleted. A paused schedule stays paused. Applying twice changes nothing further.
 */
export function applySchedule(options: ActingOptions): Promise<number> {
  return withSession(options, async (session) => {
    const { settings } = session;
    const { schedule } = settings;
    if (schedule === null) {
      throw new ConfigError(
        `The configuration of sync ${settings.name} has no schedule section; add one such as \`schedule: { delta: "every 15m" }\`, or remove its schedules with \`schedule delete\`.`,
      );
    }
    const client = await session.temporal();
    const done: Done[] = [];
    for (const mode of SCHEDULED_MODES) {
      const change = await applyMode(client, settings, schedule, mode, actorOf(options));
      if (change !== null) done.push(doneTo(settings, mode, change));
    }
    return report(options, settings, done);
  });
}

async function applyMode(
  client: Client,
  settings: Settings,
  schedule: ScheduleSettings,
  mode: ScheduledMode,
  actor: string,
): Promise<Done['change'] | null> {
  const times = schedule[mode];
  const exists = (await findSchedule(client, settings.name, mode)) !== null;
  const schedules = scheduleClient(client, settings, actor);
  const handle = schedules.getHandle(scheduleId(settings.name, mode));
  if (times === null) {
    if (!exists) return null;
    await handle.delete();
    return 'deleted';
  }
  const by = { actor, note: settings.encryption === null ? `applied by ${actor}` : 'applied' };
  const definition = scheduleDefinition(settings.name, mode, { times, timezone: schedule.timezone }, by);
  try {
    if (!exists) {
      await schedules.create(definition);
      return 'created';
    }
    await handle.update(({ state }) => ({
      ...definition,
      state: state.paused ? { paused: true, note: state.note ?? '' } : definition.state,
    }));
    return 'updated';
  } catch (error) {
    throw refused(error, mode);
  }
}

/** `schedule list`: when runs start by themselves, how the last one ended, and why a schedule is paused. */
export function listSchedules(options: CommonOptions): Promise<number> {
  return withSession(options, async (session) => {
    const rows = await scheduleRows(await session.temporal(), session.settings);
    if (options.json === true) sayJson(rows);
    else say(renderSchedules(session.settings, rows));
    return EXIT.done;
  });
}

/** `schedule pause`: no run starts by itself until `schedule resume`; what is going on goes on. */
export function pauseSchedule(options: ScheduleActOptions): Promise<number> {
  return act(options, 'paused', (handle, remark) => handle.pause(remark));
}

/** `schedule resume`: also after a failed run paused it. */
export function resumeSchedule(options: ScheduleActOptions): Promise<number> {
  return act(options, 'resumed', (handle, remark) => handle.unpause(remark));
}

/** `schedule delete`: what is going on goes on. */
export function deleteSchedule(options: ScheduleActOptions): Promise<number> {
  return act(options, 'deleted', (handle) => handle.delete());
}

/** `schedule trigger`: one start now, paused or not, unless the last one still goes on (exit 5). */
export function triggerSchedule(options: TriggerOptions): Promise<number> {
  const mode = modeOf(options.mode);
  return withSession(options, async (session) => {
    const { settings } = session;
    const client = await session.temporal();
    const [found] = await existing(session, mode);
    await requireWorker(session);
    if (found !== undefined && found.description.info.runningActions.length > 0) {
      const message = `The last ${mode} start of sync ${settings.name}'s schedule is still going on; wait for it, or follow its run with \`watch\`.`;
      throw new RollcallError('run.already-running', message);
    }
    const handle = scheduleClient(client, settings, actorOf(options)).getHandle(scheduleId(settings.name, mode));
    await handle.trigger(ScheduleOverlapPolicy.SKIP);
    return report(options, settings, [doneTo(settings, mode, 'triggered')]);
  });
}

type Handle = ReturnType<ScheduleClient['getHandle']>;

/** Does something to the schedule of `--mode`, without it to every one there is. */
function act(
  options: ScheduleActOptions,
  change: Done['change'],
  work: (handle: Handle, remark: string) => Promise<void>,
): Promise<number> {
  const mode = options.mode === undefined ? null : modeOf(options.mode);
  return withSession(options, async (session) => {
    const { settings } = session;
    const schedules = scheduleClient(await session.temporal(), settings, actorOf(options));
    const found = await existing(session, mode);
    const remark = noteOf(change, options, settings);
    for (const one of found) await work(schedules.getHandle(one.description.scheduleId), remark);
    return report(
      options,
      settings,
      found.map((one) => doneTo(settings, one.mode, change)),
    );
  });
}

/** The schedules there are, of one mode or of all; fails when there is none. */
async function existing(session: Session, mode: ScheduledMode | null) {
  const { settings } = session;
  const client = await session.temporal();
  const modes = mode === null ? SCHEDULED_MODES : [mode];
  const found = await Promise.all(
    modes.map(async (one) => ({ mode: one, description: await findSchedule(client, settings.name, one) })),
  );
  const there = found.flatMap(({ mode: one, description }) =>
    description === null ? [] : [{ mode: one, description }],
  );
  if (there.length > 0) return there;
  const what = mode === null ? 'schedule' : `${mode} schedule`;
  const message = `Sync ${settings.name} has no ${what}; write it into the schedule section of the configuration, then \`schedule apply\`.`;
  throw new RollcallError('schedule.not-found', message);
}

/**
 * Temporal keeps with every change of a schedule the identity that asked for it. It cannot be encrypted: with encryption
 * nobody is named there.
 */
export function scheduleClient(client: Client, { encryption }: Settings, actor: string): ScheduleClient {
  if (encryption !== null) return client.schedule;
  return new ScheduleClient({ ...client.schedule.options, connection: client.connection, identity: actor });
}

function modeOf(mode: string): ScheduledMode {
  const known = SCHEDULED_MODES.find((one) => one === mode);
  if (known === undefined) throw new ConfigError(`Unknown mode ${mode}; use --mode full or --mode delta.`);
  return known;
}

/** Notes cannot be encrypted either. */
export function noteOf(what: string, options: ScheduleActOptions, { encryption }: Settings): string {
  if (encryption !== null) {
    if (options.reason !== undefined) note('Temporal keeps notes of schedules in clear, so the reason is left out.');
    return what;
  }
  const reason = options.reason === undefined ? '' : `: ${options.reason}`;
  return `${what} by ${actorOf(options)}${reason}`;
}

function doneTo(settings: Settings, mode: ScheduledMode, change: Done['change']): Done {
  return { mode, scheduleId: scheduleId(settings.name, mode), change };
}

function report(options: CommonOptions, settings: Settings, done: Done[]): number {
  if (options.json === true) sayJson(done);
  else for (const { mode, change } of done) say(`The ${mode} schedule of sync ${settings.name} is ${change}.`);
  return EXIT.done;
}

/** What the server finds wrong with a schedule, such as a time zone it does not know. */
function refused(error: unknown, mode: ScheduledMode): unknown {
  const cause = error instanceof Error ? error.cause : undefined;
  if (!isGrpcServiceError(cause) || Number(cause.code) !== INVALID_ARGUMENT) return error;
  const message = `Temporal refuses the ${mode} schedule (${cause.details}); correct the schedule section of the configuration.`;
  return new RollcallError('schedule.refused', message, { cause: error });
}
