import { Attribute, Change } from 'ldapts';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { CORE, firstRun, installExample, OFF, patchesSince } from './support/examples.ts';
import type { Rollcall } from './support/rollcall.ts';
import { startScimService, type ScimService } from './support/scim-service.ts';
import { startSlapd, type Slapd } from './support/slapd.ts';

// Every step starts processes of its own; a loaded machine takes its time.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

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

  test('somebody new with a login that is taken gets it with a number, and keeps it', async () => {
    const from = service.writes.length;
    const entry = { objectClass: ['inetOrgPerson', 'extensibleObject'], uid: 'alee', cn: 'Al Lee', sn: 'Lee' };
    await slapd.add(`cn=Al Lee,${slapd.agents}`, entry);
    expect((await rollcall.startSync('--mode', 'delta')).report.changes.create.applied).toBe(1);
    expect(service.writes.slice(from).map(({ method, body }) => [method, body['userName']])).toEqual([
      ['POST', 'alee_1'],
    ]);
    const { report } = await rollcall.startSync();
    expect({ writes: service.writes.length - from, unchanged: report.unchanged }).toEqual({ writes: 1, unchanged: 3 });
    expect(service.refusals).toEqual([]);
  });
});
