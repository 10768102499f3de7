import type { Secret, Settings } from '../model/settings.ts';
import type { Secrets } from '../telemetry/scrub.ts';

/** Secrets in files are read again this often: a log line is no reason to read one. */
const FRESH_MS = 10_000;
/** Variables whose values are secrets of the connections that the SDK and OpenTelemetry make themselves. */
const VARIABLES = ['TEMPORAL_API_KEY', 'TEMPORAL_TLS_CLIENT_KEY_DATA'];

/** Every secret that this process knows, for the log to keep out. */
export function knownSecrets(settings: Settings, env: NodeJS.ProcessEnv): Secrets {
  const sources = secretsOf(settings);
  const fixed = [...VARIABLES.flatMap((name) => env[name] ?? []), ...headerValues(env['OTEL_EXPORTER_OTLP_HEADERS'])];
  let at = -Infinity;
  let last: string[] = [];
  return () => {
    if (performance.now() - at < FRESH_MS) return last;
    at = performance.now();
    last = [...fixed, ...sources.flatMap(readable)];
    return last;
  };
}

function secretsOf({ directories, target, state, encryption }: Settings): Secret[] {
  return [
    ...directories.map(({ bindPassword }) => bindPassword),
    target.clientSecret,
    ...(state.url === null ? [] : [passwordIn(state.url)]),
    ...(encryption?.keys.map(({ secret }) => secret) ?? []),
    ...(encryption?.codecServer ? [encryption.codecServer.token] : []),
  ];
}

/** As it stands in the url; in clear too, since a driver's message would name it so. */
function passwordIn(url: Secret): Secret {
  return { read: () => decodeURIComponent(new URL(url.read()).password) };
}

/** A file that is gone for the moment tells its secret to nobody. */
function readable(secret: Secret): string[] {
  try {
    return [secret.read()];
  } catch {
    return [];
  }
}

/** `name=value` pairs, joined by commas. */
function headerValues(headers = ''): string[] {
  return headers.split(',').flatMap((pair) => {
    const value = pair.slice(pair.indexOf('=') + 1).trim();
    return value === '' ? [] : [value];
  });
}
