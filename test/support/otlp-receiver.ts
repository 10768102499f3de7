import { startHttpServer } from './http-server.ts';

/** A span as it arrived, attributes by name. */
export interface ReceivedSpan {
  traceId: string;
  spanId: string;
  /** Null for the root of a trace. */
  parentSpanId: string | null;
  name: string;
  attributes: Record<string, unknown>;
}

export interface OtlpReceiver {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  endpoint: string;
  spans(): ReceivedSpan[];
  /** Everything that arrived, as text. */
  text(): string;
  close(): Promise<void>;
}

interface Export {
  resourceSpans: { scopeSpans: { spans: RawSpan[] }[] }[];
}

interface RawSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  attributes: { key: string; value: Record<string, unknown> }[];
}

/** A collector that keeps what it is sent (OTLP over HTTP, JSON). */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const server = await startHttpServer((request, response) => {
    response.writeHead(request.path === '/v1/traces' ? 200 : 404, { 'content-type': 'application/json' });
    response.end('{}');
  });
  const bodies = (): string[] => server.received.filter(({ path }) => path === '/v1/traces').map(({ body }) => body);
  return {
    endpoint: server.origin,
    spans: () => bodies().flatMap((body) => spansIn(JSON.parse(body) as Export)),
    text: () => bodies().join('\n'),
    close: () => server.close(),
  };
}

function spansIn({ resourceSpans }: Export): ReceivedSpan[] {
  return resourceSpans
    .flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
    .map(({ traceId, spanId, parentSpanId, name, attributes }) => ({
      traceId,
      spanId,
      parentSpanId: parentSpanId === undefined || parentSpanId === '' ? null : parentSpanId,
      name,
      attributes: Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]])),
    }));
}
