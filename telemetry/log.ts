import { pino, type Logger } from 'pino';

export type { Logger } from 'pino';

/**
 * Structured log on stderr. Names of fields that could carry a secret or personal data are blanked wherever they stand
 * in the first levels of an object, so that a careless line leaks nothing.
 */
export function openLog(level: 'debug' | 'info' | 'warn' | 'error'): Logger {
  const names = ['password', 'bindPassword', 'clientSecret', 'secret', 'token', 'authorization', 'access_token'];
  const personal = ['userName', 'displayName', 'dn', 'mail', 'body', 'before', 'after'];
  const paths = [...names, ...personal].flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);
  return pino({ level, base: null, redact: { paths, censor: '[redacted]' } }, pino.destination({ fd: 2, sync: true }));
}
