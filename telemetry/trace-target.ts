import { ConfigError } from '../model/errors.ts';

const ENDPOINTS = ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT'];
const PROTOCOLS = ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'OTEL_EXPORTER_OTLP_PROTOCOL'];
/** Says in OpenTelemetry's own words that an unencrypted connection is meant. */
const INSECURE = ['OTEL_EXPORTER_OTLP_TRACES_INSECURE', 'OTEL_EXPORTER_OTLP_INSECURE'];

/**
 * Where traces go by OpenTelemetry's standard variables
 * (https://opentelemetry.io/docs/specs/otel/protocol/exporter); null: none are made. Contacts nothing.
 *
 * @throws ConfigError for an address that is none, a protocol other than HTTP, and plain http to another host
 */
export function traceTarget(env: NodeJS.ProcessEnv): URL | null {
  const name = ENDPOINTS.find((one) => isSet(env[one]));
  if (name === undefined || env['OTEL_SDK_DISABLED'] === 'true' || env['OTEL_TRACES_EXPORTER'] === 'none') return null;
  const protocol = PROTOCOLS.find((one) => env[one] === 'grpc');
  if (protocol !== undefined) {
    throw new ConfigError(`${protocol} is grpc, but traces are sent by HTTP: use http/json and a port such as 4318.`);
  }
  const url = URL.canParse(env[name] ?? '') ? new URL(env[name] ?? '') : null;
  if (url === null || !['http:', 'https:'].includes(url.protocol) || url.username !== '') {
    throw new ConfigError(
      `${name} must be a URL such as https://collector.corp.example:4318, without user name; secrets belong in OTEL_EXPORTER_OTLP_HEADERS.`,
    );
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname) && !INSECURE.some((one) => env[one] === 'true')) {
    throw new ConfigError(
      `${name} would send traces unencrypted to another host: use https, or say OTEL_EXPORTER_OTLP_INSECURE=true.`,
    );
  }
  return url;
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value.trim() !== '';
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host);
}
