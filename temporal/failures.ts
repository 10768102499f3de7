import { RollcallError } from '../model/errors.ts';
import { temporalTarget, type TemporalTarget } from './target.ts';

/** Status codes of gRPC (https://grpc.io/docs/guides/status-codes). */
const DEADLINE_EXCEEDED = 4;
const NOT_FOUND = 5;
const PERMISSION_DENIED = 7;
const UNAVAILABLE = 14;
const UNAUTHENTICATED = 16;

/** The error for a server that could not be connected to. */
export function unreachable(target: TemporalTarget, cause: unknown): RollcallError {
  const refused = refusal(cause, target);
  if (refused !== null) return refused;
  const tls =
    target.options.tls !== undefined && target.options.tls !== false
      ? ', or correct TEMPORAL_TLS_* and TEMPORAL_API_KEY: TLS is on'
      : '';
  const message = `Temporal does not answer at ${target.address}; start it, or set TEMPORAL_ADDRESS to where it runs${tls}.`;
  return new RollcallError('temporal.unreachable', message, { cause });
}

/** Turns what Temporal's server answered to a call into one sentence; other errors come back as they are. */
export function temporalFailure(error: unknown): unknown {
  const grpc = grpcOf(error);
  if (grpc === null) return error;
  const target = temporalTarget();
  if (grpc.code !== UNAVAILABLE && grpc.code !== DEADLINE_EXCEEDED) return refusal(error, target) ?? error;
  const message = `Temporal at ${target.address} stopped answering; start it again, then see with \`runs\` how far things got.`;
  return new RollcallError('temporal.unreachable', message, { cause: error });
}

function refusal(error: unknown, target: TemporalTarget): RollcallError | null {
  const grpc = grpcOf(error);
  if (grpc === null) return null;
  const say = (message: string): RollcallError => new RollcallError('temporal.unreachable', message, { cause: error });
  const { address, namespace } = target;
  if (grpc.code === NOT_FOUND && /namespace/i.test(grpc.message)) {
    return say(
      `Temporal at ${address} has no namespace ${namespace}; create it there, or set TEMPORAL_NAMESPACE to one it has.`,
    );
  }
  if (grpc.code === PERMISSION_DENIED || grpc.code === UNAUTHENTICATED) {
    return say(
      `Temporal at ${address} refuses this client; check TEMPORAL_API_KEY or TEMPORAL_TLS_*, and its rights in namespace ${namespace}.`,
    );
  }
  return null;
}

/** The status of a failed call; the SDK's own errors carry it as their cause. */
function grpcOf(error: unknown): { code: number; message: string } | null {
  for (let at = error, depth = 0; at instanceof Error && depth < 4; at = at.cause, depth += 1) {
    if ('code' in at && typeof at.code === 'number' && 'details' in at) return { code: at.code, message: at.message };
  }
  return null;
}
