import {
  CancellationScope,
  condition,
  log,
  setCurrentDetails,
  setHandler,
  type ChildWorkflowHandle,
} from '@temporalio/workflow';
import { failureSentence } from './failure-sentence.ts';
import {
  pauseSignal,
  resumeSignal,
  type PausedBy,
  type PauseInput,
  type RunProgress,
  type SliceInput,
  type SliceResult,
} from './messages.ts';

type OpenSlice = ChildWorkflowHandle<(input: SliceInput) => Promise<SliceResult>>;

/**
 * A run that somebody paused: it begins no further user, and neither does any slice that is open. Who paused it stands in
 * the run's progress and so outlives worker restarts and continue-as-new.
 */
export class RunPause {
  private readonly progress: RunProgress;
  private readonly slices = new Set<OpenSlice>();
  /** One telling after the other: a slice must not hear of an older word last. */
  private telling: Promise<void> = Promise.resolve();

  /** @param tell called when the run was paused or resumed */
  constructor(progress: RunProgress, tell: () => void) {
    this.progress = progress;
    const become = (paused: PausedBy | null): void => {
      progress.paused = paused;
      tell();
      this.passOn([...this.slices]);
    };
    setHandler(pauseSignal, (input) => become(pausedBy(input)), {
      description: 'Begins no further user until `resume`. Takes {"actor": "you", "reason": "why"}, or nothing.',
    });
    setHandler(resumeSignal, () => become(null), { description: 'Ends a pause. Takes nothing.' });
  }

  get isOn(): boolean {
    return (this.progress.paused ?? null) !== null;
  }

  /** Waits for the end of the pause, or until `orElse` holds. A cancelled run waits no longer. */
  over(orElse: () => boolean): Promise<void> {
    return condition(() => !this.isOn || orElse());
  }

  /** The slice's result; as long as the slice runs it hears of every pause, one that is on included. */
  async following(slice: OpenSlice): Promise<SliceResult> {
    this.slices.add(slice);
    if (this.isOn) this.passOn([slice]);
    try {
      return await slice.result();
    } finally {
      this.slices.delete(slice);
    }
  }

  private passOn(slices: readonly OpenSlice[]): void {
    if (slices.length === 0) return;
    this.telling = this.telling.then(async () => {
      await Promise.all(slices.map((slice) => this.tellSlice(slice)));
    });
  }

  private async tellSlice(slice: OpenSlice): Promise<void> {
    const paused = this.progress.paused ?? null;
    try {
      await (paused === null ? slice.signal(resumeSignal) : slice.signal(pauseSignal, toInput(paused)));
    } catch (error) {
      log.info('a slice had ended before it heard of a pause', { error: failureSentence(error) });
    }
  }
}

/** Where the users of a slice pass one by one: shut while the run is paused. */
export class Gate {
  private paused: PausedBy | null = null;
  private round = new CancellationScope();

  constructor() {
    setHandler(pauseSignal, (input) => {
      this.paused = pausedBy(input);
      setCurrentDetails(pauseSentence(this.paused));
      // Takes back whom no worker has begun on yet; who has been begun on is finished.
      this.round.cancel();
      this.round = new CancellationScope();
    });
    setHandler(resumeSignal, () => {
      this.paused = null;
      setCurrentDetails('');
    });
  }

  /**
   * Lets a write begin when the gate is open. One that a pause took back, or kept from being tried again, begins anew.
   *
   * @param options.isFinal tells the failures after which it never does
   * @param options.inSteps a write of several steps: once begun it is not taken back, since half of it helps nobody
   */
  async pass<T>(
    write: () => Promise<T>,
    { isFinal, inSteps }: { isFinal: (error: unknown) => boolean; inSteps: boolean },
  ): Promise<T> {
    for (;;) {
      if (this.paused !== null) await condition(() => this.paused === null);
      if (inSteps) return write();
      const { round } = this;
      try {
        return await round.run(write);
      } catch (error) {
        const takenBack = round.consideredCancelled && !CancellationScope.current().consideredCancelled;
        if (!takenBack || isFinal(error)) throw error;
      }
    }
  }
}

/** For people, in markdown. */
export function pauseSentence({ by, because, since }: PausedBy): string {
  const why = because === null ? '' : ` because: ${because}`;
  return `**Paused** by ${by}${why} (since ${since}). Go on with \`rollcall resume\`.`;
}

/** A signal sent by hand may say nothing at all. */
function pausedBy(input: PauseInput | undefined): PausedBy {
  return { by: input?.actor ?? 'somebody', because: input?.reason ?? null, since: new Date().toISOString() };
}

function toInput({ by, because }: PausedBy): PauseInput {
  return { actor: by, reason: because };
}
