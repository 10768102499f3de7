import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { createActivities, type Activities } from '../../activities/index.ts';
import { openGenesys, type Genesys } from '../../genesys/open.ts';
import { unpaced } from '../../genesys/pace.ts';
import type { ChangeKind } from '../../model/change.ts';
import type { RunMode } from '../../model/run.ts';
import type { Settings } from '../../model/settings.ts';
import type { State } from '../../state/state.ts';

type Write = 'adoptUser' | 'createUser' | 'updateUser' | 'reactivateUser' | 'rebindUser' | 'deactivateUser';

/** Which activities carry out a change, in order; the workflows say the same. */
const STEPS: Record<ChangeKind, (Write | 'snapshotUser' | 'retireUser')[]> = {
  create: ['createUser'],
  adopt: ['adoptUser'],
  update: ['updateUser'],
  reactivate: ['reactivateUser'],
  recycle: ['snapshotUser', 'retireUser', 'createUser'],
  rebind: ['rebindUser'],
  deactivate: ['deactivateUser'],
};

/** Whole runs of one sync through the real activities, one after another in wave order, without a Temporal server. */
export class Rehearsal {
  readonly state: State;
  private readonly settings: Settings;
  private readonly genesys: Genesys;
  private readonly activities: Activities;
  private runs = 0;

  constructor(settings: Settings, state: State) {
    this.settings = settings;
    this.state = state;
    this.genesys = openGenesys(settings.target, unpaced);
    this.activities = createActivities({ settings, state, genesys: this.genesys });
  }

  close(): Promise<void> {
    return this.genesys.close();
  }

  /** One run from beginning to end. Returns its id and the batch that it held. */
  async run(mode: RunMode, batch: string | null = null): Promise<{ runId: string; heldBatch: string | null }> {
    this.runs += 1;
    const sync = this.settings.name;
    const ref = { runId: `${sync}-${this.runs}`, sync };
    const { activities } = this;
    const start = { ...ref, workflowId: `rollcall:${sync}`, mode, dryRun: false, actor: 'alice', batch };
    const opened = await this.step(activities.openRun, start);
    await this.step(activities.readDirectory, ref);
    if (opened.mode === 'full') await this.step(activities.listGenesysUsers, ref);
    await this.step(activities.planChanges, ref);
    const { heldBatch } = await this.step(activities.guardPlan, ref);
    await this.apply(ref.runId);
    await this.step(activities.closeRun, { ...ref, end: 'finished', error: null, heldBatch });
    return { runId: ref.runId, heldBatch };
  }

  /** Carries out what an earlier run held. */
  async approve(batch: string): Promise<void> {
    await this.state.batches.decide(batch, { status: 'approved', by: 'alice', reason: null });
    await this.run('approved', batch);
  }

  private async apply(runId: string): Promise<void> {
    for (let after = 0; ;) {
      const slices = await this.step(this.activities.nextSlices, { runId, after });
      if (slices.length === 0) return;
      for (const { kind, from, to } of slices) {
        for (let seq = from; seq <= to; seq += 1) await this.write(runId, seq, kind);
        after = to;
      }
    }
  }

  private async write(runId: string, seq: number, kind: ChangeKind): Promise<void> {
    for (const name of STEPS[kind]) {
      const { outcome } = await this.step(this.activities[name], { runId, seq, actor: 'alice' });
      if (outcome !== 'applied') return;
    }
  }

  private step<I, O>(activity: (input: I) => Promise<O>, input: I): Promise<O> {
    return new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') }).run(activity, input);
  }
}
