import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { CORE, type Fields, firstRun, installExample, OFF, patchesSince } from './support/examples.ts';
import { ldifEntry } from './support/ldif.ts';
import type { Rollcall } from './support/rollcall.ts';
import { startSamba, type Samba } from './support/samba.ts';
import { startScimService, type ScimService } from './support/scim-service.ts';

// Every step starts processes of its own; a loaded machine takes its time.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const GUIDE = 'urn:ietf:params:scim:schemas:extension:genesys:2.0:User';

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
        patchPaths: [
          'emails',
          'name',
          'title',
          'department',
          'genesys:User.divisions',
          'genesys:User.roles',
          'active',
          'userName',
          'externalId',
        ],
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

  test('an account used again is told by its GUID: the old user is retired, without a conflict a new one made', async () => {
    const person = (name: string, mail: string): string =>
      ldifEntry(`CN=${name},${samba.agents}`, {
        objectClass: 'user',
        sAMAccountName: 'cfox',
        userAccountControl: '66080',
        displayName: name,
        mail,
      });
    await samba.load(person('Cem Fox', 'cem.fox@mail.example'));
    expect((await rollcall.startSync()).report.changes.create.applied).toBe(1);
    const old = { guid: await guidOf('cfox'), ...service.user('cem.fox@mail.example') };
    await samba.tool('user', 'delete', 'cfox');
    await samba.load(person('Cora Fox', 'cora.fox@mail.example'));
    const from = service.writes.length;
    const { status, report } = await rollcall.startSync();
    expect({ status, recycled: report.changes.recycle.applied }).toEqual({ status: 0, recycled: 1 });
    const archived = `retired-${old.guid.slice(0, 8)}`;
    expect(service.writes.slice(from).map(({ method, id, body }) => [method, id, body['Operations']])).toEqual([
      [
        'PATCH',
        old.id,
        [
          { op: 'replace', path: 'userName', value: `${archived}@mail.example` },
          { op: 'replace', path: 'externalId', value: `${archived}-cfox` },
          ...OFF,
        ],
      ],
      ['POST', null, undefined],
    ]);
    expect(service.users.get(old.id)).toMatchObject({ active: false, name: { formatted: 'Cem Fox' } });
    expect(service.user('cora.fox@mail.example')).toMatchObject({
      externalId: 'cfox',
      name: { formatted: 'Cora Fox' },
      [GUIDE]: { ad_object_guid: await guidOf('cfox') },
    });
    expect(service.refusals).toEqual([]);
  });
});
