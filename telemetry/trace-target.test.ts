import { describe, expect, test } from 'vitest';
import { ConfigError } from '../model/errors.ts';
import { traceTarget } from './trace-target.ts';

const ENDPOINT = 'OTEL_EXPORTER_OTLP_ENDPOINT';

describe('traces are made', () => {
  test.each<[string, NodeJS.ProcessEnv, string]>([
    ['to a collector on this host', { [ENDPOINT]: 'http://127.0.0.1:4318' }, '127.0.0.1:4318'],
    ['by https to any host', { [ENDPOINT]: 'https://otel.corp.example' }, 'otel.corp.example'],
    [
      'to the address for traces rather than the one for all',
      { [ENDPOINT]: 'http://localhost:1', OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://localhost:2' },
      'localhost:2',
    ],
    [
      'unencrypted to another host where that is said in as many words',
      { [ENDPOINT]: 'http://collector:4318', OTEL_EXPORTER_OTLP_INSECURE: 'true' },
      'collector:4318',
    ],
  ])('%s', (_, env, host) => {
    expect(traceTarget(env)?.host).toBe(host);
  });

  test.each<[string, NodeJS.ProcessEnv]>([
    ['nothing is set', {}],
    ['the variable is blank', { [ENDPOINT]: ' ' }],
    ['OpenTelemetry is switched off', { [ENDPOINT]: 'http://127.0.0.1:4318', OTEL_SDK_DISABLED: 'true' }],
    ['traces are switched off', { [ENDPOINT]: 'http://127.0.0.1:4318', OTEL_TRACES_EXPORTER: 'none' }],
  ])('by nobody where %s', (_, env) => {
    expect(traceTarget(env)).toBeNull();
  });
});

test.each<[NodeJS.ProcessEnv, RegExp]>([
  [{ [ENDPOINT]: 'collector:4318' }, /must be a URL/],
  [{ [ENDPOINT]: 'https://ann:hunter2@otel.example' }, /without user name/],
  [{ [ENDPOINT]: 'http://collector:4318' }, /unencrypted to another host/],
  [{ [ENDPOINT]: 'http://127.0.0.1:4317', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, /by HTTP/],
])('%j is refused in one sentence without a secret', (env, sentence) => {
  expect(() => traceTarget(env)).toThrow(ConfigError);
  expect(() => traceTarget(env)).toThrow(sentence);
  expect(() => traceTarget(env)).not.toThrow(/hunter2/);
});
