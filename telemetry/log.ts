import { pino, type DestinationStream, type Logger } from 'pino';
import { scrubber, type Secrets } from './scrub.ts';

export type { Logger } from 'pino';

const SECRETS = ['password', 'bindPassword', 'clientSecret', 'secret', 'token', 'authorization', 'access_token'];
const PERSONAL = ['userName', 'displayName', 'dn', 'mail', 'body', 'before', 'after'];

export interface LogOptions {
  /** Taken out of every line, wherever they stand. Default: none are known. */
  secrets?: Secrets;
  /** Default: stderr, written at once. */
  destination?: DestinationStream;
}

/**
 * Structured log on stderr. Names of fields that could carry a secret or personal data are blanked wherever they stand
 * in the first levels of an object, errors are reduced to their message, and known secrets are taken out of the finished
 * line, so that a careless line leaks nothing.
 */
export function openLog(level: 'debug' | 'info' | 'warn' | 'error', options: LogOptions = {}): Logger {
  const { secrets = () => [], destination = pino.destination({ fd: 2, sync: true }) } = options;
  const paths = [...SECRETS, ...PERSONAL].flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);
  return pino(
    {
      level,
      base: null,
      redact: { paths, censor: '[redacted]' },
      serializers: { err: messageOf, error: messageOf },
      hooks: { streamWrite: scrubber(secrets) },
    },
    destination,
  );
}

/** Errors of packages carry sockets, headers and answers beside their message. */
function messageOf(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  return 'code' in error ? `${error.message} (${String(error.code)})` : error.message;
}
