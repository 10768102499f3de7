import type { Attributes, BatchObservableResult, Counter, Histogram, Meter, Observable } from '@opentelemetry/api';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { CHANGE_KINDS } from '../model/change.ts';
import { SCHEDULED_MODES, type RunReport, type ScheduledMode } from '../model/run.ts';
import { RecentCount } from './recent-count.ts';

/** How a sync stands, from state: right after a restart too. Times in ms since 1970; null = never, or nobody. */
export interface Standing {
  parked: number;
  /** Changes in open batches of real runs. */
  held: number;
  /** When the newest complete read of the directories began. */
  completeReadAt: number | null;
  /** Since when the oldest change waits that is parked, held or part of a run that goes on. */
  oldestUnsettledAt: number | null;
  /** When the newest run of each mode ended that carried its plan out. */
  lastGoodRunAt: Record<ScheduledMode, number | null>;
}

/** One HTTP request to Genesys Cloud that has ended. */
export interface EndedRequest {
  kind: 'token' | 'read' | 'write';
  /** Null: no answer. */
  status: number | null;
  /** False: nothing was written to the wire; it counts as no request. */
  sent: boolean;
  seconds: number;
}

export interface MetricsOptions {
  /** Label `sync` of every metric. */
  sync: string;
  /** The budget that `rollcall_genesys_allowance_used_ratio` is a share of. */
  requestsPerMinute: number;
  /** Null: state cannot be read, so that those gauges are not a number. */
  standing(): Promise<Standing | null>;
}

/** In which ways a change of a closed run can have ended, as in its report. */
const ENDS = ['applied', 'parked', 'held', 'superseded'] as const;
/** Seconds; Genesys Cloud mostly answers within one, a request is given up after ten. */
const BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const MINUTE_MS = 60_000;

/** Rollcall's own numbers in the words of Prometheus; counts begin at 0 with the process. */
export class Metrics {
  readonly #exporter = new PrometheusExporter({ preventServerStart: true });
  readonly #serializer = new PrometheusSerializer('', false, /^sync$/, true, true);
  readonly #entries: Counter;
  readonly #writes: Counter;
  readonly #changes: Counter;
  readonly #runs: Counter;
  readonly #requests: Counter;
  readonly #durations: Histogram;
  readonly #recent = new RecentCount(MINUTE_MS);

  constructor(options: MetricsOptions) {
    const resource = resourceFromAttributes({ sync: options.sync });
    const meter = new MeterProvider({ resource, readers: [this.#exporter] }).getMeter('rollcall');
    const counter = (name: string, description: string): Counter =>
      meter.createCounter(`rollcall_${name}`, { description });
    this.#entries = counter('directory_entries_read_total', 'Entries that reads of the directories returned.');
    this.#writes = counter('user_writes_total', 'Writes of one user, counted as each ends.');
    this.#changes = counter('changes_total', 'Changes of closed runs, as in their reports; dry runs left out.');
    this.#runs = counter('runs_total', 'Closed runs.');
    this.#requests = counter('genesys_requests_total', 'HTTP requests to Genesys Cloud.');
    const advice = { explicitBucketBoundaries: BUCKETS };
    this.#durations = meter.createHistogram('rollcall_genesys_request_duration_seconds', {
      description: 'How long requests to Genesys Cloud took, those without an answer included.',
      advice,
    });
    this.#beginAtZero();
    this.#observe(meter, options);
  }

  entriesRead(count: number): void {
    this.#entries.add(count);
  }

  /** @param step type of the activity, such as `createUser` */
  writeEnded(step: string, outcome: string): void {
    this.#writes.add(1, { step, outcome });
  }

  runClosed({ mode, outcome, dryRun, changes }: RunReport): void {
    this.#runs.add(1, { mode, outcome, dry_run: String(dryRun) });
    if (dryRun) return;
    for (const kind of CHANGE_KINDS) {
      for (const end of ENDS) this.#changes.add(changes[kind][end], { kind, outcome: end });
    }
  }

  requestEnded({ kind, status, sent, seconds }: EndedRequest): void {
    if (!sent) return;
    this.#requests.add(1, { kind, status: status === null ? 'none' : String(status) });
    this.#durations.record(seconds, { kind });
    if (kind !== 'token') this.#recent.add(Date.now());
  }

  /** The page that Prometheus scrapes. */
  async page(): Promise<string> {
    const { resourceMetrics } = await this.#exporter.collect();
    return this.#serializer.serialize(resourceMetrics);
  }

  /** A counter that is not there yet would hide its first rise from `increase()`. */
  #beginAtZero(): void {
    this.#entries.add(0);
    for (const kind of CHANGE_KINDS) {
      for (const outcome of ENDS) this.#changes.add(0, { kind, outcome });
    }
    for (const kind of ['token', 'read', 'write']) this.#requests.add(0, { kind, status: '429' });
  }

  #observe(meter: Meter, { requestsPerMinute, standing }: MetricsOptions): void {
    const gauge = (name: string, description: string) =>
      meter.createObservableGauge(`rollcall_${name}`, { description });
    gauge(
      'genesys_allowance_used_ratio',
      'Requests of this worker in the last minute as a share of target.requestsPerMinute.',
    ).addCallback((result) => result.observe(this.#recent.at(Date.now()) / requestsPerMinute));
    const parked = gauge('parked_changes', 'Changes that failed and wait for their next attempt.');
    const held = gauge('held_changes', 'Changes in batches that wait for a decision.');
    const lag = gauge('directory_lag_seconds', 'Time since the newest complete read began; +Inf before the first.');
    const oldest = gauge('oldest_unsettled_change_seconds', 'Age of the oldest change not settled yet; 0: none.');
    const lastGood = gauge('last_good_run_timestamp_seconds', 'When the newest good run ended; 0 before the first.');
    const all = [parked, held, lag, oldest, lastGood];
    const observe = async (result: BatchObservableResult<Attributes>): Promise<void> => {
      const found = await standing();
      const now = Date.now();
      const since = (at: number): number => Math.max(0, now - at) / 1_000;
      // A gauge that nobody tells about would keep its last value.
      const tell = (one: Observable, value: (standing: Standing) => number, labels?: Attributes): void =>
        result.observe(one, found === null ? NaN : value(found), labels);
      tell(parked, (known) => known.parked);
      tell(held, (known) => known.held);
      tell(lag, ({ completeReadAt: at }) => (at === null ? Infinity : since(at)));
      tell(oldest, ({ oldestUnsettledAt: at }) => (at === null ? 0 : since(at)));
      for (const mode of SCHEDULED_MODES) tell(lastGood, (known) => (known.lastGoodRunAt[mode] ?? 0) / 1_000, { mode });
    };
    meter.addBatchObservableCallback(observe, all);
  }
}
