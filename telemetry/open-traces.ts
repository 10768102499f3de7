import { diag, DiagLogLevel } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace-node';
import type { Logger } from './log.ts';
import { traceTarget } from './trace-target.ts';
import { Traces } from './traces.ts';

/** Longest part of what OpenTelemetry says about itself that is logged. */
const LONGEST = 300;

/** Traces of a worker, or null where no collector is configured. The exporter itself reads headers and time-outs. */
export function openTraces(sync: string, log: Logger, env: NodeJS.ProcessEnv): Traces | null {
  const target = traceTarget(env);
  if (target === null) return null;
  const say = (detail: string): void => log.warn({ detail: detail.slice(0, LONGEST) }, 'traces may be incomplete');
  const silent = (): void => undefined;
  const logger = { error: say, warn: say, info: silent, debug: silent, verbose: silent };
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  log.info({ collector: target.host }, 'traces are sent');
  return new Traces(sync, new BatchSpanProcessor(new OTLPTraceExporter()));
}
