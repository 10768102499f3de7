import {
  makeTelemetryFilterString,
  Runtime,
  type NativeConnection,
  type RuntimeOptions,
  type Worker,
} from '@temporalio/worker';
import type { Settings } from '../model/settings.ts';
import type { State } from '../state/state.ts';
import type { Logger } from '../telemetry/log.ts';
import { Metrics } from '../telemetry/metrics.ts';
import { openTraces } from '../telemetry/open-traces.ts';
import { temporalLog } from '../telemetry/temporal-log.ts';
import { temporalFailure } from '../temporal/failures.ts';
import type { Observers } from './count-activities.ts';
import { openMonitor, type Monitor } from './monitor.ts';
import { readiness, type Need } from './readiness.ts';
import { installWithMetrics } from './sdk-metrics.ts';
import { standingOf } from './standing.ts';

/** Sooner than readiness loses patience, so that the failure has its own sentence. */
const TEMPORAL_ANSWER_MS = 1_500;

/** What has to work for a worker to work. */
export interface Working {
  state: State;
  connection: NativeConnection;
  namespace: string;
  workers: readonly Worker[];
}

/** How a worker is watched from outside, as far as it is configured. */
export class Observation {
  readonly #settings: Settings;
  readonly #sdkPage: (() => Promise<string>) | null;

  private constructor(settings: Settings, sdkPage: (() => Promise<string>) | null) {
    this.#settings = settings;
    this.#sdkPage = sdkPage;
  }

  /** Installs the SDK's runtime; to be called before anything else of the SDK. */
  static async begin(settings: Settings, log: Logger): Promise<Observation> {
    const options: RuntimeOptions = {
      logger: temporalLog(log),
      telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'WARN' }), forward: {} } },
      shutdownSignals: [],
    };
    if (settings.telemetry.metrics !== null) return new Observation(settings, await installWithMetrics(options));
    Runtime.install(options);
    return new Observation(settings, null);
  }

  /** @throws ConfigError for `OTEL_*` variables that cannot be used */
  observers(state: State, log: Logger): Observers {
    const { name: sync, target } = this.#settings;
    const { requestsPerMinute } = target;
    const standing = standingOf(state, sync);
    return {
      metrics: this.#sdkPage === null ? null : new Metrics({ sync, requestsPerMinute, standing }),
      traces: openTraces(sync, log, process.env),
    };
  }

  /** Opens the listener for metrics, health and readiness; null: none is configured. */
  async serve({ metrics }: Observers, working: Working): Promise<Monitor | null> {
    const address = this.#settings.telemetry.metrics;
    const sdkPage = this.#sdkPage;
    if (address === null || sdkPage === null || metrics === null) return null;
    const page = async (): Promise<string> => (await Promise.all([metrics.page(), sdkPage()])).join('');
    return openMonitor(address, { page, unready: readiness(needsOf(working, this.#settings.name)) });
  }
}

function needsOf({ state, connection, namespace, workers }: Working, sync: string): Need[] {
  return [
    {
      otherwise: 'This worker takes no work: it is starting or shutting down.',
      check: async () => {
        if (workers.some((worker) => worker.getState() !== 'RUNNING')) throw new Error('not polling');
      },
    },
    {
      otherwise: 'The state cannot be read; start its database again, or correct state.url.',
      check: () => state.runs.list(sync, 1),
    },
    {
      otherwise: 'Temporal does not answer; start it again, or set TEMPORAL_ADDRESS to where it runs.',
      check: async () => {
        const ask = () => connection.workflowService.describeNamespace({ namespace });
        await connection.withDeadline(Date.now() + TEMPORAL_ANSWER_MS, ask).catch((error: unknown) => {
          throw temporalFailure(error);
        });
      },
    },
  ];
}
