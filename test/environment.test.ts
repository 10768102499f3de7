import { readdirSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { startSimulator } from '../simulator/start.ts';
import { firstRun } from './support/examples.ts';
import { sendJson, startHttpServer } from './support/http-server.ts';
import { Rollcall } from './support/rollcall.ts';
import { startSlapd } from './support/slapd.ts';

// Every step starts processes of its own; a loaded machine takes its time.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const SCIM_JSON = 'application/scim+json';
const ANN = { uid: 'ann', cn: 'Ann Lee', sn: 'Lee', mail: 'ann@corp.example' };

test('the environment alone is enough, in an empty folder', async () => {
  const [slapd, simulator] = await Promise.all([startSlapd(), startSimulator()]);
  // One origin for tokens and API, as the rule for `tokenUrl` has it where the host does not begin with "api.".
  const origin = await startHttpServer(({ method, url, headers, body }, response) => {
    const { authorization = '', accept = '', 'content-type': contentType = SCIM_JSON } = headers;
    const to = url === '/oauth/token' ? simulator.tokenUrl : `${simulator.apiUrl}${url}`;
    const init = { method, headers: { authorization, accept, 'content-type': contentType } };
    void fetch(to, method === 'GET' ? init : { ...init, body }).then(async (answer) =>
      sendJson(response, answer.status, await answer.json()),
    );
  });
  await slapd.add(`uid=ann,${slapd.agents}`, { objectClass: 'inetOrgPerson', ...ANN });
  const rollcall = new Rollcall(null, {
    GENESYS_BASE_URL: origin.origin,
    GENESYS_CLIENT_ID: simulator.clientId,
    GENESYS_CLIENT_SECRET: simulator.clientSecret,
    LDAP_HOST: '127.0.0.1',
    LDAP_PORT: String(slapd.port),
    LDAP_BIND_DN: slapd.reader.dn,
    LDAP_BIND_PW: slapd.reader.password,
    LDAP_BASE_DN: slapd.agents,
    LDAP_CA_CERT: slapd.authority.certFile,
  });
  try {
    await rollcall.startWorker();
    const { stdout } = await rollcall.run('check', '--json');
    const { ok, checks } = JSON.parse(stdout) as { ok: boolean; checks: { name: string; detail: string }[] };
    expect({ ok, first: checks[0] }).toEqual({
      ok: true,
      first: { name: 'configuration', ok: true, detail: 'environment (sync default)' },
    });
    expect(checks.find(({ name }) => name.endsWith('bind'))?.detail).toContain(slapd.url);
    const { held, approved } = await firstRun(rollcall);
    expect(held.workflowId).toBe('rollcall:default');
    expect(approved).toMatchObject({ outcome: 'completed', changes: { create: { applied: 1 } } });
    expect(simulator.users()).toMatchObject([{ userName: 'ann@corp.example', displayName: 'Ann Lee' }]);
    expect(readdirSync(rollcall.folder)).toEqual(['.rollcall']);
  } finally {
    await rollcall.close();
    await Promise.all([origin.close(), simulator.stop(), slapd.stop()]);
  }
});
