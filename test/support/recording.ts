import { randomUUID } from 'node:crypto';
import { WorkflowNotFoundError, type WorkflowHandle } from '@temporalio/client';
import type { RunReport, ScheduledMode } from '../../model/run.ts';
import {
  approvalWorkflowId,
  recycleWorkflowId,
  runWorkflowId,
  scheduleWorkflowId,
  sliceWorkflowId,
  taskQueue,
} from '../../workflows/ids.ts';
import type { SyncRunInput } from '../../workflows/messages.ts';
import type { scheduledSync } from '../../workflows/scheduled-sync.ts';
import { anchorOf } from './expected-users.ts';
import { fetchHistory, keep } from './kept-histories.ts';
import { ended, reset } from './resets.ts';
import type { Slapd } from './slapd.ts';
import type { StaffDirectory } from './staff-directory.ts';
import { Stage, type StageOptions } from './stage.ts';
import type { TemporalClient } from './temporal.ts';

/** What scenarios share. */
export interface RecordingStudio {
  staff: StaffDirectory & { slapd: Slapd };
  temporal: TemporalClient;
}

/** One installation whose workflows are kept. */
export class Recording {
  readonly stage: Stage;
  readonly staff: RecordingStudio['staff'];
  /** The unit it reads. */
  readonly unit: string;
  private readonly temporal: TemporalClient;

  private constructor(studio: RecordingStudio, stage: Stage, unit: string) {
    this.stage = stage;
    this.staff = studio.staff;
    this.unit = unit;
    this.temporal = studio.temporal;
  }

  /** Plays a scenario on an installation of its own, which reads a unit of its own. */
  static async make(
    studio: RecordingStudio,
    name: string,
    configuration: Record<string, unknown>,
    scenario: (recording: Recording) => Promise<void>,
  ): Promise<void> {
    const unit = await studio.staff.unit(name);
    const options: StageOptions = {
      directories: [studio.staff.configuration([unit])],
      configuration: { safety: { firstRun: 'apply' }, ...configuration },
    };
    const stage = await Stage.open(options);
    try {
      await scenario(new Recording(studio, stage, unit));
    } finally {
      await stage.close();
    }
  }

  add(...logins: string[]): Promise<void> {
    return this.staff.add(
      this.unit,
      logins.map((login) => ({ login, name: `Agent ${login}` })),
    );
  }

  dn(login: string): string {
    return this.staff.dn(login, this.unit);
  }

  /** The anchor of somebody in the directory. */
  async anchor(login: string): Promise<string> {
    const { searchEntries } = await this.staff.asAdmin((client) =>
      client.search(this.dn(login), { scope: 'base', attributes: ['entryUUID'] }),
    );
    return searchEntries.map(anchorOf).join();
  }

  /** A run by `start-sync` or another command, followed to its end. */
  async play(command: string, ...options: string[]): Promise<RunReport> {
    return (await this.stage.play<RunReport>(command, '--wait', '--json', '--actor', 'alice', ...options)).json;
  }

  /** A run that continues as new after every slice; returns Temporal's id of its first execution. */
  async startInPieces(): Promise<string> {
    const { sync } = this.stage.rollcall;
    const runId = randomUUID();
    const input: SyncRunInput = { runId, sync, mode: 'full', dryRun: false, actor: 'alice', batch: null };
    const handle = await this.temporal.client.workflow.start('syncRun', {
      ...{ workflowId: runWorkflowId(sync), taskQueue: taskQueue(sync), memo: { runId } },
      args: [{ ...input, slicesPerExecution: 1 }],
    });
    return (await handle.describe()).runId;
  }

  /** Resets the run that is going on to where the plan began to be written. */
  reset(): Promise<string> {
    return reset(this.temporal, this.run(), ended('nextSlices'));
  }

  /** What a schedule does when it fires. */
  fire(mode: ScheduledMode, time: string): Promise<WorkflowHandle<typeof scheduledSync>> {
    const { sync } = this.stage.rollcall;
    return this.temporal.client.workflow.start<typeof scheduledSync>('scheduledSync', {
      workflowId: `${scheduleWorkflowId(sync, mode)}-${time}`,
      taskQueue: taskQueue(sync),
      args: [{ sync, mode, actor: 'schedule' }],
    });
  }

  /** The run; `execution` = Temporal's id of an earlier one. */
  run(execution?: string): WorkflowHandle {
    return this.handle(runWorkflowId(this.stage.rollcall.sync), execution);
  }

  approval(batch: string | null): WorkflowHandle {
    return this.handle(approvalWorkflowId(this.stage.rollcall.sync, batch ?? ''));
  }

  /** Keeps a run that has just ended, and its slices beside it. */
  async keepRun(name: string, { runId, workflowId }: { runId: string; workflowId: string }): Promise<void> {
    keep(name, await fetchHistory(this.handle(workflowId)));
    for (let slice = 1; ; slice += 1) {
      const handle = this.handle(sliceWorkflowId(this.stage.rollcall.sync, runId, slice));
      if (!(await exists(handle))) return;
      keep(`${name}-slice-${slice}`, await fetchHistory(handle));
    }
  }

  /** Keeps the workflow of one recycle of a run. */
  async keepRecycle(name: string, { runId }: { runId: string }, anchor: string): Promise<void> {
    const { sync } = this.stage.rollcall;
    keep(name, await fetchHistory(this.handle(recycleWorkflowId(sync, runId, anchor))));
  }

  async keepApproval(name: string, batch: string | null): Promise<void> {
    keep(name, await fetchHistory(this.approval(batch)));
  }

  private handle(workflowId: string, execution?: string): WorkflowHandle {
    return this.temporal.client.workflow.getHandle(workflowId, execution);
  }
}

async function exists(handle: WorkflowHandle): Promise<boolean> {
  try {
    await handle.describe();
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}
