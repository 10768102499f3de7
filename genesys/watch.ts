import type { Dispatcher } from 'undici';
import { correlationIdOf } from './error-body.ts';
import { exchange } from './exchange.ts';
import type { ExchangeLimits, HttpRequest, Outcome, Silence } from './exchange.ts';

/** What a request is for: a token, a look, or a write. */
export type RequestKind = 'token' | 'read' | 'write';

/** One request without anything about a person in it. */
export interface WatchedRequest {
  kind: RequestKind;
  method: string;
  /** `host:port` as configured. */
  host: string;
  /** Path with `{id}` in place of ids, without query. */
  route: string;
}

export interface RequestEnd {
  /** HTTP status; null when no answer came. */
  status: number | null;
  /** Why no answer came; null when one did. */
  silence: Silence | 'cancelled' | null;
  /** False when certainly no byte was written: it counts as no request. */
  sent: boolean;
  correlationId: string | null;
}

/** Sees every HTTP request go and end, for metrics and traces. Neither function may throw. */
export interface RequestWatch {
  /** Called where the request is about to be sent, in the caller's asynchronous context. */
  began(request: WatchedRequest): (end: RequestEnd) => void;
}

/** {@link exchange} under the eyes of a watch, if there is one. */
export async function watchedExchange(
  dispatcher: Dispatcher,
  request: HttpRequest,
  limits: ExchangeLimits,
  watched: { watch: RequestWatch | undefined; kind: RequestKind; host: string },
): Promise<Outcome> {
  const { watch, kind, host } = watched;
  const ended = watch?.began({ kind, method: request.method, host, route: routeOf(request.path) });
  try {
    const outcome = await exchange(dispatcher, request, limits);
    ended?.(endOf(outcome));
    return outcome;
  } catch (error) {
    ended?.({ status: null, silence: 'cancelled', sent: false, correlationId: null });
    throw error;
  }
}

function endOf(outcome: Outcome): RequestEnd {
  if (outcome.kind === 'unanswered') {
    return { status: null, silence: outcome.reason, sent: outcome.sent, correlationId: null };
  }
  return { status: outcome.status, silence: null, sent: true, correlationId: correlationIdOf(outcome) };
}

const UUID = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/gi;

/** The query is dropped, since filters name people; so are ids, for a route is a label of metrics. */
export function routeOf(path: string): string {
  return path
    .replace(/[?#].*$/s, '')
    .replace(/(\/(?:users|groups)\/)[^/]+/gi, '$1{id}')
    .replaceAll(UUID, '{id}');
}
