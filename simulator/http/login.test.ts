import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Probe } from '../probe.ts';
import { startSimulator, type Simulator } from '../start.ts';

let simulator: Simulator;
let probe: Probe;

beforeAll(async () => {
  simulator = await startSimulator({ requestsPerMinute: 3, tokenLifeSeconds: 600 });
});
afterAll(() => simulator.stop());
beforeEach(async () => {
  await simulator.reset();
  probe = new Probe(simulator);
});

function post(headers: Record<string, string>, body: string): Promise<Response> {
  return fetch(simulator.tokenUrl, { method: 'POST', headers, body });
}

describe('the token endpoint', () => {
  const form = { 'content-type': 'application/x-www-form-urlencoded' };

  it('stands on another host than the API', () => {
    expect(new URL(simulator.tokenUrl).host).not.toBe(new URL(simulator.apiUrl).host);
  });

  it('grants a bearer token with its life, never a refresh token', async () => {
    const answer = await probe.askToken();
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({ access_token: expect.any(String), token_type: 'bearer', expires_in: 600 });
    expect(answer.headers.get('ININ-Correlation-Id')).toBeTruthy();
  });

  it.each([400, 401] as const)('answers a wrong secret with %i invalid_client', async (status) => {
    simulator.set({ invalidClientStatus: status });
    const answer = await probe.askToken('wrong');
    expect(answer.status).toBe(status);
    const description = 'authentication failed';
    expect(answer.json).toEqual({ error: 'invalid_client', description, error_description: description });
  });

  it('does not know other clients', async () => {
    const basic = Buffer.from('other:secret').toString('base64');
    const answer = await post({ ...form, authorization: `Basic ${basic}` }, 'grant_type=client_credentials');
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: 'invalid_client', description: 'client not found' });
  });

  it('takes credentials in the body only where the option says so, and never shows the secret in the log', async () => {
    const { clientId, clientSecret } = simulator;
    const body = `grant_type=client_credentials&client_id=${clientId}&client_secret=${clientSecret}`;
    expect((await post(form, body)).status).toBe(400);
    simulator.set({ allowBodyCredentials: true });
    expect((await post(form, body)).status).toBe(200);
    expect(JSON.stringify(simulator.log)).not.toContain(clientSecret);
  });

  it('knows one grant, and forms only', async () => {
    expect((await probe.askToken(undefined, 'grant_type=password')).json).toMatchObject({
      error: 'unsupported_grant_type',
    });
    expect((await post({ 'content-type': 'application/json' }, '{}')).status).toBe(400);
    expect((await fetch(simulator.tokenUrl)).status).toBe(405);
  });

  it('follows a rotated secret', async () => {
    simulator.set({ clientSecret: 'rotated' });
    expect((await probe.askToken()).status).toBe(400);
    expect((await probe.askToken('rotated')).status).toBe(200);
  });
});

describe('the rate window', () => {
  it('counts on every answer, then throttles until it ends', async () => {
    await probe.login();
    for (const [count, path, status] of [
      [1, '/users', 200],
      [2, '/users/nobody', 404],
      [3, '/users?count=x', 400],
    ] as const) {
      const answer = await probe.call('GET', path);
      expect(answer.status).toBe(status);
      expect(answer.headers.get('inin-ratelimit-count')).toBe(String(count));
      expect(answer.headers.get('inin-ratelimit-allowed')).toBe('3');
      const reset = Number(answer.headers.get('inin-ratelimit-reset'));
      expect(reset).toBeGreaterThan(0);
      expect(reset).toBeLessThanOrEqual(60);
    }
    const refused = await probe.call('GET', '/users');
    const wait = Number(refused.headers.get('Retry-After'));
    expect(refused.status).toBe(429);
    expect(wait).toBe(Number(refused.headers.get('inin-ratelimit-reset')));
    expect(refused.json).toMatchObject({
      message: `Rate limit exceeded the maximum. Retry the request in [${wait}] seconds`,
      code: 'too.many.requests.retry.after',
      status: 429,
      contextId: refused.headers.get('ININ-Correlation-Id'),
    });
    simulator.advance(wait * 1000);
    expect((await probe.call('GET', '/users')).status).toBe(200);
    expect(simulator.counts()).toMatchObject({ token: 1, read: 5, throttled: 1, refused: 2 });
  });

  it.each([
    ['token', 200],
    ['client', 429],
  ] as const)('belongs to the %s', async (rateLimitPer, status) => {
    simulator.set({ rateLimitPer });
    await probe.login();
    for (let sent = 0; sent < 3; sent += 1) await probe.call('GET', '/users');
    await probe.login();
    expect((await probe.call('GET', '/users')).status).toBe(status);
  });

  it('can be shortened for tests', async () => {
    simulator.set({ rateWindowSeconds: 2 });
    await probe.login();
    expect(Number((await probe.call('GET', '/users')).headers.get('inin-ratelimit-reset'))).toBeLessThanOrEqual(2);
  });
});
