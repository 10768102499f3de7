import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Attribute, Change } from 'ldapts';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import type { RunReport } from '../model/run.ts';
import { startSimulator } from '../simulator/start.ts';
import { sendJson, startHttpServer } from './support/http-server.ts';
import { ldifEntry } from './support/ldif.ts';
import { Rollcall } from './support/rollcall.ts';
import { startSamba, type Samba } from './support/samba.ts';
import { startScimService, type ScimService } from './support/scim-service.ts';
import { startSlapd, type Slapd } from './support/slapd.ts';

// Every step starts processes of its own; a loaded machine takes its time.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const CORE = 'urn:ietf:params:scim:schemas:core:2.0:User';
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const GUIDE = 'urn:ietf:params:scim:schemas:extension:genesys:2.0:User';
const SCIM_JSON = 'application/scim+json';
const ANN = { uid: 'ann', cn: 'Ann Lee', sn: 'Lee', mail: 'ann@corp.example' };
const OFF = [{ op: 'replace', path: 'active', value: false }];

/** An example as it ships, in a folder of its own; only the name of the sync is another. */
function installExample(name: string, env: NodeJS.ProcessEnv): Rollcall {
  const folder = join(import.meta.dirname, '../docs/examples', name);
  const { name: _name, ...configuration } = parse(readFileSync(join(folder, 'rollcall.yaml'), 'utf8')) as Fields;
  const rollcall = new Rollcall(configuration, env);
  writeFileSync(join(rollcall.folder, 'mapping.yaml'), readFileSync(join(folder, 'mapping.yaml')));
  return rollcall;
}

type Fields = Record<string, unknown>;

/** A first run, which waits for approval, and the approved one. */
async function firstRun(rollcall: Rollcall): Promise<{ held: RunReport; approved: RunReport }> {
  const { status, report } = await rollcall.startSync();
  expect({ status, error: report.error }).toEqual({ status: 4, error: null });
  const { stdout } = await rollcall.run('approve', '--plan', report.heldBatch ?? '', '--wait', '--json');
  return { held: report, approved: JSON.parse(stdout) as RunReport };
}

/** The operations of every PATCH since so many writes, by the login of the user. */
function patchesSince(service: ScimService, from: number): Fields {
  return Object.fromEntries(
    service.writes.slice(from).map(({ method, id, body, status }) => {
      expect({ method, done: status < 300 }).toEqual({ method: 'PATCH', done: true });
      return [String(service.users.get(id ?? '')?.['userName']), body['Operations']];
    }),
  );
}

describe('the Active Directory guide', () => {
  let samba: Samba;
  let service: ScimService;
  let rollcall: Rollcall;

  beforeAll(async () => {
    [samba, service] = await Promise.all([
      startSamba(),
      startScimService({
        schemas: {
          [CORE]: ['active', 'externalId', 'userName', 'emails', 'name', 'title', 'department'],
          [ENTERPRISE]: ['manager'],
          [GUIDE]: ['divisions', 'roles', 'routing_email', 'routing_phone_numbers', 'ad_object_guid'],
        },
        patchPaths: ['emails', 'name', 'title', 'department', 'genesys:User.divisions', 'genesys:User.roles', 'active'],
        showsWritten: false,
        versions: false,
        scope: 'scim:users:write',
      }),
    ]);
    const dn = (name: string): string => `CN=${name},${samba.agents}`;
    const person = (account: string, attributes: Record<string, string>): string =>
      ldifEntry(dn(attributes['displayName'] ?? ''), {
        objectClass: 'user',
        sAMAccountName: account,
        userAccountControl: '66080',
        ...attributes,
      });
    await samba.load(
      [
        person('bboss', {
          displayName: 'Bea Boss',
          givenName: 'Bea',
          sn: 'Boss',
          userPrincipalName: 'Bea.Boss@Corp.Example',
          mail: 'Bea.Boss@corp.example',
          title: 'Head',
        }),
        person('alee', {
          displayName: 'Ann Lee',
          givenName: 'Ann',
          sn: 'Lee',
          userPrincipalName: 'ann.lee@corp.example',
          mail: 'ann@mail.example',
          title: 'Agent',
          department: 'Service',
          manager: dn('Bea Boss'),
        }),
        person('bday', { displayName: 'Bob Day', givenName: 'Bob', sn: 'Day', mail: 'Bob.Day@mail.example' }),
        person('gone', { displayName: 'Disabled Already', mail: 'gone@mail.example', userAccountControl: '66082' }),
      ].join('\n'),
    );
    rollcall = installExample('ad-guide', {
      LDAP_URL: samba.url,
      LDAP_CA_CERT: samba.authority.certFile,
      LDAP_BIND_DN: samba.reader.dn,
      LDAP_BIND_PW: samba.reader.password,
      LDAP_BASE_DN: samba.agents,
      SCIM_BASE_URL: `${service.baseUrl}/`,
      SCIM_TOKEN_URL: service.tokenUrl,
      SCIM_CLIENT_ID: service.clientId,
      SCIM_CLIENT_SECRET: service.clientSecret,
    });
    await rollcall.startWorker();
  });

  afterAll(async () => {
    await rollcall.close();
    await Promise.all([service.close(), samba.stop()]);
  });

  /** `objectGUID` as samba-tool prints it. */
  async function guidOf(account: string): Promise<string> {
    const shown = await samba.tool('user', 'show', account, '--attributes=objectGUID');
    return /^objectGUID: (\S+)$/m.exec(shown)?.[1] ?? '';
  }

  async function extensionOf(account: string): Promise<Fields> {
    return {
      divisions: [{ id: '7c1d0b52-division' }],
      roles: [{ id: '5e2f9a10-agent' }, { id: '5e2f9a11-user' }],
      routing_email: 'service@corp.example',
      routing_phone_numbers: ['+493090182000'],
      ad_object_guid: await guidOf(account),
    };
  }

  test('a first run creates exactly its payloads', async () => {
    const { approved } = await firstRun(rollcall);
    expect(approved).toMatchObject({ outcome: 'completed', changes: { create: { applied: 3 } } });
    expect(service.refusals).toEqual([]);
    const bodies = Object.fromEntries(service.writes.map(({ body }) => [body['externalId'], body]));
    expect(service.writes.map(({ method }) => method)).toEqual(['POST', 'POST', 'POST']);
    expect(bodies).toEqual({
      bboss: {
        schemas: [CORE, GUIDE],
        active: true,
        externalId: 'bboss',
        userName: 'bea.boss@corp.example',
        emails: [{ primary: true, value: 'Bea.Boss@corp.example' }],
        name: { givenName: 'Bea', familyName: 'Boss', formatted: 'Bea Boss' },
        title: 'Head',
        [GUIDE]: await extensionOf('bboss'),
      },
      alee: {
        schemas: [CORE, ENTERPRISE, GUIDE],
        active: true,
        externalId: 'alee',
        userName: 'ann.lee@corp.example',
        emails: [{ primary: true, value: 'ann@mail.example' }],
        name: { givenName: 'Ann', familyName: 'Lee', formatted: 'Ann Lee' },
        title: 'Agent',
        department: 'Service',
        [ENTERPRISE]: { manager: { value: service.user('bea.boss@corp.example').id } },
        [GUIDE]: await extensionOf('alee'),
      },
      bday: {
        schemas: [CORE, GUIDE],
        active: true,
        externalId: 'bday',
        userName: 'bob.day@mail.example',
        emails: [{ primary: true, value: 'Bob.Day@mail.example' }],
        name: { givenName: 'Bob', familyName: 'Day', formatted: 'Bob Day' },
        [GUIDE]: await extensionOf('bday'),
      },
    });
  });

  test('a second run writes nothing', async () => {
    const from = service.writes.length;
    const { status, report } = await rollcall.startSync();
    expect({ status, unchanged: report.unchanged }).toEqual({ status: 0, unchanged: 3 });
    expect(service.writes.slice(from)).toEqual([]);
  });

  test('what changed goes out by the guide’s own paths, and a leaver is made inactive', async () => {
    const from = service.writes.length;
    await samba.tool(
      'user',
      'rename',
      'alee',
      '--samaccountname=alee2',
      '--surname=Day',
      '--mail-address=new@mail.example',
    );
    await samba.tool('user', 'disable', 'bday');
    const { status } = await rollcall.startSync();
    expect(status).toBe(0);
    expect(patchesSince(service, from)).toEqual({
      'ann.lee@corp.example': [
        { op: 'replace', path: 'emails', value: [{ primary: true, value: 'new@mail.example' }] },
        { op: 'replace', path: 'name', value: { givenName: 'Ann', familyName: 'Day', formatted: 'Ann Lee' } },
      ],
      'bob.day@mail.example': OFF,
    });
    expect(service.refusals).toEqual([]);
  });
});

describe('the LDAP guide', () => {
  let slapd: Slapd;
  let service: ScimService;
  let rollcall: Rollcall;

  beforeAll(async () => {
    const enabled = "( 1.3.6.1.4.1.32473.1 NAME 'enabled' EQUALITY booleanMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.7 )";
    [slapd, service] = await Promise.all([
      startSlapd({ schema: [`attributetype ${enabled}`] }),
      startScimService({
        schemas: { [CORE]: ['active', 'userName', 'emails', 'name', 'phoneNumbers'] },
        patchPaths: [
          'emails[type eq "work"].value',
          'phoneNumbers[type eq "work"].value',
          'phoneNumbers',
          'name',
          'active',
        ],
        showsWritten: true,
        versions: true,
        scope: null,
      }),
    ]);
    const classes = { objectClass: ['inetOrgPerson', 'extensibleObject'] };
    const people: Record<string, Record<string, string>> = {
      alee: { cn: 'Ann Lee', sn: 'Lee', givenName: 'Ann', mail: 'ann@corp.example', telephoneNumber: '+49 30 901820' },
      bday: { cn: 'Bob Day', sn: 'Day', mail: 'bob@corp.example', enabled: 'TRUE' },
      off: { cn: 'Switched Off', sn: 'Off', mail: 'off@corp.example', enabled: 'FALSE' },
    };
    for (const [uid, attributes] of Object.entries(people)) {
      await slapd.add(`uid=${uid},${slapd.agents}`, { ...classes, uid, ...attributes });
    }
    await slapd.add(`cn=No Login,${slapd.agents}`, {
      ...classes,
      cn: 'No Login',
      sn: 'Login',
      mail: 'no@corp.example',
    });
    rollcall = installExample('ldap-guide', {
      LDAP_HOST: '127.0.0.1',
      LDAP_PORT: new URL(slapd.ldapsUrl).port,
      LDAP_CA_CERT: slapd.authority.certFile,
      LDAP_BIND_DN: slapd.reader.dn,
      LDAP_BIND_PW: slapd.reader.password,
      LDAP_BASE_DN: slapd.agents,
      GENESYS_BASE_URL: service.baseUrl,
      GENESYS_TOKEN_URL: service.tokenUrl,
      GENESYS_CLIENT_ID: service.clientId,
      GENESYS_CLIENT_SECRET: service.clientSecret,
    });
    await rollcall.startWorker();
  });

  afterAll(async () => {
    await rollcall.close();
    await Promise.all([service.close(), slapd.stop()]);
  });

  test('a first run creates exactly its payloads; an entry without a login is an error for itself alone', async () => {
    const { held, approved } = await firstRun(rollcall);
    expect(held.directory).toMatchObject({ read: 4, invalid: 1 });
    expect(approved).toMatchObject({ outcome: 'completed', changes: { create: { applied: 2 } } });
    expect(service.refusals).toEqual([]);
    expect(Object.fromEntries(service.writes.map(({ body }) => [body['userName'], body]))).toEqual({
      alee: {
        schemas: [CORE],
        active: true,
        userName: 'alee',
        emails: [{ primary: true, type: 'work', value: 'ann@corp.example' }],
        name: { formatted: 'Ann Lee', familyName: 'Lee', givenName: 'Ann' },
        phoneNumbers: [{ type: 'work', value: '+4930901820' }],
      },
      bday: {
        schemas: [CORE],
        active: true,
        userName: 'bday',
        emails: [{ primary: true, type: 'work', value: 'bob@corp.example' }],
        name: { formatted: 'Bob Day', familyName: 'Day' },
      },
    });
  });

  test('a second run writes nothing', async () => {
    const from = service.writes.length;
    const { status, report } = await rollcall.startSync();
    expect({ status, unchanged: report.unchanged }).toEqual({ status: 3, unchanged: 2 });
    expect(service.writes.slice(from)).toEqual([]);
  });

  test('what changed goes out item by item, and who is switched off is made inactive', async () => {
    const from = service.writes.length;
    await slapd.asAdmin(async (client) => {
      const set = (type: string, value: string) =>
        new Change({ operation: 'replace', modification: new Attribute({ type, values: [value] }) });
      await client.modify(`uid=alee,${slapd.agents}`, [set('mail', 'a.lee@corp.example'), set('sn', 'Li')]);
      await client.modify(`uid=bday,${slapd.agents}`, set('enabled', 'FALSE'));
    });
    const { status } = await rollcall.startSync('--mode', 'delta');
    expect(status).toBe(0);
    expect(patchesSince(service, from)).toEqual({
      alee: [
        { op: 'replace', path: 'emails[type eq "work"].value', value: 'a.lee@corp.example' },
        { op: 'replace', path: 'name', value: { formatted: 'Ann Lee', familyName: 'Li', givenName: 'Ann' } },
      ],
      bday: OFF,
    });
    expect(service.refusals).toEqual([]);
  });
});

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
