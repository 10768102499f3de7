import { SpanStatusCode } from '@opentelemetry/api';
import { InMemorySpanExporter, SimpleSpanProcessor, type ReadableSpan } from '@opentelemetry/sdk-trace-node';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { RunReport } from '../model/run.ts';
import { Traces } from './traces.ts';

const RUN = '0a1b2c3d-0000-4000-8000-00000000000a';
const exporter = new InMemorySpanExporter();
const traces = new Traces('corp', new SimpleSpanProcessor(exporter));
const activity = { name: 'createUser', workflowId: 'rollcall:corp', attempt: 1, runId: RUN, seq: 7 };
const request = { method: 'POST', host: 'api.example', route: '/Users' };
const answered = { status: 201, silence: null, correlationId: 'c-1' };

beforeEach(() => exporter.reset());
afterAll(() => traces.close());

function span(name: string): ReadableSpan {
  const found = exporter.getFinishedSpans().find((one) => one.name === name);
  if (found === undefined) throw new Error(`no span ${name}`);
  return found;
}

function endRun(outcome: RunReport['outcome']): void {
  const ended = { runId: RUN, mode: 'full', dryRun: false, outcome, durationMs: 5_000 } as RunReport;
  traces.runEnded(ended, new Date(1_700_000_000_000));
}

describe('the spans of a run', () => {
  test('are one tree from the run to the request, in the trace that the run id names', async () => {
    await traces.activity(activity, async () => {
      await Promise.resolve();
      traces.request(request)(answered);
    });
    endRun('completed');
    const [run, step, call] = [span('syncRun'), span('createUser'), span('POST /Users')];
    expect(run.spanContext().traceId).toBe('0a1b2c3d00004000800000000000000a');
    expect(run.parentSpanContext).toBeUndefined();
    expect(step.parentSpanContext?.spanId).toBe(run.spanContext().spanId);
    expect(call.parentSpanContext?.spanId).toBe(step.spanContext().spanId);
    expect(new Set([run, step, call].map((one) => one.spanContext().traceId)).size).toBe(1);
    expect(step.attributes).toMatchObject({ 'rollcall.change_seq': 7, 'rollcall.attempt': 1 });
    expect(call.attributes).toMatchObject({ 'http.response.status_code': 201, 'genesys.correlation_id': 'c-1' });
    expect(run.endTime[0] - run.startTime[0]).toBe(5);
  });

  test('two activities at a time keep their requests apart', async () => {
    const run = (name: string): Promise<void> =>
      traces.activity({ ...activity, name }, async () => {
        await Promise.resolve();
        traces.request({ ...request, route: `/${name}` })(answered);
      });
    await Promise.all([run('one'), run('two')]);
    for (const name of ['one', 'two']) {
      expect(span(`POST /${name}`).parentSpanContext?.spanId).toBe(span(name).spanContext().spanId);
    }
  });

  test('a failure shows its code and sentence; one that nobody foresaw shows neither text nor stack', async () => {
    const known = Object.assign(new Error('Genesys Cloud says no.'), { type: 'genesys.invalid' });
    await expect(traces.activity(activity, () => Promise.reject(known))).rejects.toBe(known);
    const foreign = new Error('duplicate key: ann@corp.example');
    await expect(traces.activity({ ...activity, name: 'x' }, () => Promise.reject(foreign))).rejects.toBe(foreign);
    expect(span('createUser').status).toEqual({ code: SpanStatusCode.ERROR, message: 'Genesys Cloud says no.' });
    expect(span('x').status).toEqual({ code: SpanStatusCode.ERROR });
    expect(JSON.stringify([span('x').attributes, span('x').events])).not.toContain('ann@');
    expect(span('x').attributes['error.type']).toBe('internal');
    const wrapped = Object.assign(new Error('Unexpected: ann@corp.example'), { type: 'internal' });
    await expect(traces.activity({ ...activity, name: 'y' }, () => Promise.reject(wrapped))).rejects.toBe(wrapped);
    expect(span('y').status).toEqual({ code: SpanStatusCode.ERROR });
  });

  test('a request without an answer, and a failed run, are marked as errors', async () => {
    await traces.activity(activity, async () => {
      traces.request(request)({ status: null, silence: 'timeout', correlationId: null });
    });
    endRun('failed');
    expect(span('POST /Users')).toMatchObject({ status: { code: 2 }, attributes: { 'error.type': 'timeout' } });
    expect(span('syncRun').status.code).toBe(2);
  });

  test('a request outside any activity leaves none', () => {
    traces.request(request)(answered);
    expect(exporter.getFinishedSpans()).toEqual([]);
  });
});
