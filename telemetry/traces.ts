import { createHash } from 'node:crypto';
import {
  context,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Attributes,
  type Context,
  type Span,
  type Tracer,
} from '@opentelemetry/api';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import {
  NodeTracerProvider,
  RandomIdGenerator,
  type IdGenerator,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import type { RunReport } from '../model/run.ts';

/** One attempt at a step of a run. */
export interface TracedActivity {
  /** Type of the activity, the span's name. */
  name: string;
  workflowId: string;
  attempt: number;
  /** The run it belongs to; null: a trace of its own. */
  runId: string | null;
  /** Place of its change in the run's plan; null: about no single change. */
  seq: number | null;
}

/** One HTTP request to Genesys Cloud, without anything about a person. */
export interface TracedRequest {
  method: string;
  host: string;
  route: string;
}

export interface TracedAnswer {
  status: number | null;
  /** Why no answer came. */
  silence: string | null;
  correlationId: string | null;
}

/** How long the last spans may take to get away when the worker stops. */
const FLUSH_MS = 5_000;

/**
 * Spans of runs: the run, below it every attempt at an activity, below that its HTTP requests. The ids of the run's own
 * span follow from the run's id, so that whoever knows the run knows its trace, activities on any worker find their
 * parent by themselves, and workflows need no tracing code, which would have to be deterministic.
 */
export class Traces {
  readonly #provider: NodeTracerProvider;
  readonly #tracer: Tracer;
  readonly #ids = new ChosenIds();

  constructor(sync: string, processor: SpanProcessor) {
    const named = resourceFromAttributes({ 'service.name': 'rollcall', 'rollcall.sync': sync });
    const resource = named.merge(detectResources({ detectors: [envDetector] }));
    this.#provider = new NodeTracerProvider({ resource, idGenerator: this.#ids, spanProcessors: [processor] });
    this.#provider.register({ propagator: null });
    this.#tracer = this.#provider.getTracer('rollcall');
  }

  /** Runs an attempt at an activity under a span of its own. */
  async activity<T>(activity: TracedActivity, work: () => Promise<T>): Promise<T> {
    const { name, workflowId, attempt, runId, seq } = activity;
    const attributes: Attributes = { 'temporal.workflow_id': workflowId, 'rollcall.attempt': attempt };
    if (runId !== null) attributes['rollcall.run_id'] = runId;
    if (seq !== null) attributes['rollcall.change_seq'] = seq;
    const parent = runId === null ? ROOT_CONTEXT : contextOf(runId);
    const span = this.#tracer.startSpan(name, { attributes }, parent);
    try {
      return await context.with(trace.setSpan(parent, span), work);
    } catch (error) {
      fail(span, error);
      throw error;
    } finally {
      span.end();
    }
  }

  /** A request as a child of the activity that sends it; one of nobody's, such as a token's renewal, leaves no span. */
  request({ method, host, route }: TracedRequest): (answer: TracedAnswer) => void {
    if (trace.getActiveSpan() === undefined) return () => undefined;
    const attributes = { 'http.request.method': method, 'server.address': host, 'url.path': route };
    const span = this.#tracer.startSpan(`${method} ${route}`, { kind: SpanKind.CLIENT, attributes });
    return ({ status, silence, correlationId }) => {
      if (status !== null) span.setAttribute('http.response.status_code', status);
      if (silence !== null) span.setAttribute('error.type', silence);
      if (correlationId !== null) span.setAttribute('genesys.correlation_id', correlationId);
      if (status === null || status >= 400) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
    };
  }

  /** The span of a whole run, once it has ended. */
  runEnded({ runId, mode, dryRun, outcome, durationMs }: RunReport, startedAt: Date): void {
    const span = this.#ids.choose(idsOf(runId), () =>
      this.#tracer.startSpan(
        'syncRun',
        {
          root: true,
          startTime: startedAt,
          attributes: {
            'rollcall.run_id': runId,
            'rollcall.mode': mode,
            'rollcall.dry_run': dryRun,
            'rollcall.outcome': outcome,
          },
        },
        ROOT_CONTEXT,
      ),
    );
    if (outcome === 'failed') span.setStatus({ code: SpanStatusCode.ERROR });
    span.end(new Date(startedAt.getTime() + durationMs));
  }

  /** Sends what is left. */
  async close(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, FLUSH_MS);
    });
    await Promise.race([this.#provider.shutdown(), late]);
    clearTimeout(timer);
  }
}

interface SpanIds {
  traceId: string;
  spanId: string;
}

/** Trace id: the run's UUID without hyphens, 16 bytes as a trace id has to have. */
function idsOf(runId: string): SpanIds {
  const spanId = createHash('sha256').update(runId).digest('hex').slice(0, 16);
  return { traceId: runId.replaceAll('-', '').toLowerCase(), spanId };
}

function contextOf(runId: string): Context {
  return trace.setSpanContext(ROOT_CONTEXT, { ...idsOf(runId), traceFlags: TraceFlags.SAMPLED, isRemote: true });
}

/** The sentence and the code of the error tree say no values; a stack or a foreign error's text might. */
function fail(span: Span, error: unknown): void {
  const code = error instanceof Error && 'type' in error && typeof error.type === 'string' ? error.type : 'internal';
  span.setAttribute('error.type', code);
  const told = error instanceof Error && code !== 'internal';
  span.setStatus({ code: SpanStatusCode.ERROR, ...(told ? { message: error.message } : {}) });
}

/** Random ids, but for the one span whose ids are given. */
class ChosenIds implements IdGenerator {
  readonly #random = new RandomIdGenerator();
  #chosen: SpanIds | null = null;

  /** @param start must start its span at once, not later */
  choose(ids: SpanIds, start: () => Span): Span {
    this.#chosen = ids;
    try {
      return start();
    } finally {
      this.#chosen = null;
    }
  }

  generateTraceId = (): string => this.#chosen?.traceId ?? this.#random.generateTraceId();

  generateSpanId = (): string => this.#chosen?.spanId ?? this.#random.generateSpanId();
}
