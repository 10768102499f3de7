import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { config, ConfigFolder, ENV, PEM } from '../test/support/config-folder.ts';
import type { Json } from '../test/support/config-folder.ts';
import { exampleConfigText } from './shipped.ts';

const folder = new ConfigFolder();
afterAll(() => folder.remove());
folder.write('ca.pem', PEM);

describe('defaults', () => {
  test('are those of the documentation', () => {
    const settings = folder.load(config());
    expect(settings).toMatchObject({
      name: 'default',
      defaultRegion: null,
      identity: { personKey: ['employeeNumber'], onReusedLogin: 'hold', onTakenLogin: 'park', onDeletedUser: 'hold' },
      leavers: { disabled: 'deactivate', gone: 'deactivate', outOfScope: 'deactivate', restoreOnReturn: false },
      telemetry: { logLevel: 'info' },
      state: { url: null, folder: join(folder.path, '.rollcall') },
      warnings: [],
    });
    expect(settings.safety).toEqual({
      firstRun: 'hold',
      deactivations: { max: 50, percent: 5, floor: 5, windowMs: 86_400_000 },
      recycles: { max: 5, windowMs: 86_400_000 },
      creates: { max: 500, percent: 20, floor: 25 },
      updates: { max: 500, percent: 20, floor: 25 },
      approvalTimeoutMs: 86_400_000,
      minimumEntries: 1,
      maximumDropPercent: 50,
      canaries: [],
      graceMs: 0,
    });
    expect(settings.directories[0]).toMatchObject({
      startTls: false,
      tls: { ca: null, verify: true, serverName: null },
      filter: null,
      exclude: [],
      disabledWhen: null,
      startsAt: null,
      anchor: null,
      pageSize: 1000,
    });
    expect(settings.target).toMatchObject({
      baseUrl: 'https://api.mypurecloud.ie',
      tokenUrl: 'https://login.mypurecloud.ie/oauth/token',
      profile: 'genesys',
      ca: null,
      auth: { style: 'basic', scope: null },
      requestsPerMinute: 300,
      indexLagMs: 180_000,
      grantableRoles: [],
      drift: 'report',
      allowPlain: false,
    });
  });

  test('are not lost by naming one key of a group, nor by a key without a value', () => {
    const settings = folder.load({
      ...config(),
      safety: { deactivations: { max: 3 }, creates: { percent: 'none' }, updates: null },
    });
    expect(settings.safety.deactivations).toMatchObject({ max: 3, percent: 5, floor: 5 });
    expect(settings.safety.creates).toEqual({ max: 500, percent: null, floor: 25 });
    expect(settings.safety.updates).toEqual({ max: 500, percent: 20, floor: 25 });
  });

  test.each([
    ['https://scim.example/scim/v2/', 'https://scim.example/scim/v2', 'https://scim.example/oauth/token'],
    ['https://api.scim.example', 'https://api.scim.example', 'https://login.scim.example/oauth/token'],
  ])(
    'for another SCIM service at %s have its root, its tokens and no attribute of Genesys Cloud',
    (given, root, token) => {
      const target = { profile: 'generic', region: undefined, baseUrl: given };
      const settings = folder.load(config({}, {}, target));
      expect(settings.target).toMatchObject({ profile: 'generic', baseUrl: root, tokenUrl: token });
      expect(settings.mapping).toMatchObject({ externalId: '$anchor', userName: {} });
      expect(settings.mapping).not.toHaveProperty('externalIds');
    },
  );

  test('for another SCIM service refuse no attribute', () => {
    const target = { profile: 'generic', region: undefined, baseUrl: 'https://scim.example' };
    const mapping = { userName: 'uid', 'urn:example:2.0:User:badge': 'employeeID', nickName: 'givenName' };
    expect(folder.load(config({ mapping }, {}, target)).mapping).toEqual(mapping);
    expect(() => folder.load(config({ mapping }))).toThrow(/Genesys Cloud does not know/);
  });

  test('cannot be changed afterwards', () => {
    const settings = folder.load(config());
    const frozen = (value: unknown): boolean =>
      typeof value !== 'object' || value === null || (Object.isFrozen(value) && Object.values(value).every(frozen));
    expect(frozen(settings)).toBe(true);
  });
});

test('every key finds its place', () => {
  const settings = folder.load({
    ...config(
      {},
      {
        tls: { caFile: 'ca.pem', serverName: 'dc.corp.example' },
        filter: '(&(department=Service)(!(title=Head \\28of\\29 it)))',
        exclude: ['CN=svc-*'],
        disabledWhen: { attribute: 'left', equals: [true, 'gone', 2] },
        startsAt: { attribute: 'employeeStartDate', lead: '3d' },
        anchor: 'mS-DS-ConsistencyGuid',
        pageSize: 500,
      },
      { auth: { style: 'body', scope: 'scim' }, indexLag: '0s', protect: { roles: ['Owner'] }, caFile: PEM },
    ),
    name: 'corp',
    defaultRegion: 'DE',
    identity: { personKey: ['employeeNumber', 'externalId'] },
    leavers: { gone: 'hold', steps: { revokeTokens: false }, restoreOnReturn: false },
    safety: { canaries: ['CN=Ann,DC=corp', '0F0E0D0C-0B0A-0908-0706-050403020100'], grace: '0s' },
    retention: { runs: '30d' },
    telemetry: { logLevel: 'debug' },
    state: { url: 'postgres://state.example/rollcall' },
    schedule: null,
    groupMemberships: [],
  });
  expect(settings.directories[0]).toMatchObject({
    tls: { ca: PEM, verify: true, serverName: 'dc.corp.example' },
    disabledWhen: { attribute: 'left', equals: ['TRUE', 'gone', '2'] },
    startsAt: { attribute: 'employeeStartDate', leadMs: 259_200_000 },
    anchor: 'mS-DS-ConsistencyGuid',
    pageSize: 500,
  });
  expect(settings.target).toMatchObject({ auth: { style: 'body', scope: 'scim' }, indexLagMs: 0, ca: PEM });
  expect(settings.target.protect).toEqual({ userNames: ['breakglass@*'], roles: ['Owner'] });
  expect(settings.leavers.gone).toBe('hold');
  expect(settings.state.url?.read()).toBe('postgres://state.example/rollcall');
});

test('numbers, true and false may come from a variable or a file', () => {
  folder.write('drop.txt', '12.5\n');
  const settings = folder.load(
    config(
      {
        safety: { maximumDrop: '${file:drop.txt}', creates: { percent: '${PERCENT}' }, updates: { percent: '${ANY}' } },
      },
      { startTls: '${START_TLS}', urls: ['ldap://dc1.corp.example'], bindPassword: '${RPM}' },
      { requestsPerMinute: ' ${RPM} ' },
    ),
    { ...ENV, RPM: '200', PERCENT: '7', ANY: 'none', START_TLS: 'true' },
  );
  expect(settings.target.requestsPerMinute).toBe(200);
  expect(settings.safety).toMatchObject({
    maximumDropPercent: 12.5,
    creates: { percent: 7 },
    updates: { percent: null },
  });
  expect(settings.directories[0]?.startTls).toBe(true);
  expect(settings.directories[0]?.bindPassword.read()).toBe('200');
});

test('roles that a directory value decides are granted or not person by person', () => {
  const roles = [{ value: 'employeeType' }, { value: { constant: 'Agent' } }];
  const mapping = { userName: 'mail', displayName: 'cn', roles };
  expect(folder.load(config({ mapping }, {}, { grantableRoles: ['Agent'] })).target.grantableRoles).toEqual(['Agent']);
});

describe('the service', () => {
  test.each([
    [{ region: 'usw2.pure.cloud' }, 'https://api.usw2.pure.cloud', 'https://login.usw2.pure.cloud/oauth/token'],
    [
      { region: undefined, baseUrl: 'https://api.new.example/' },
      'https://api.new.example',
      'https://login.new.example/oauth/token',
    ],
    [
      { region: undefined, baseUrl: 'http://127.0.0.1:8080' },
      'http://127.0.0.1:8080',
      'http://127.0.0.1:8080/oauth/token',
    ],
    [{ region: undefined, baseUrl: 'http://[::1]:8080' }, 'http://[::1]:8080', 'http://[::1]:8080/oauth/token'],
    [{ tokenUrl: 'https://proxy.example/t' }, 'https://api.mypurecloud.ie', 'https://proxy.example/t'],
  ])('is reached by %j', (target, baseUrl, tokenUrl) => {
    expect(folder.load(config({}, {}, target)).target).toMatchObject({ baseUrl, tokenUrl });
  });
});

describe('what is unsafe is allowed only in as many words, and then every run says so', () => {
  test.each<[Json, Json, string]>([
    [
      { tls: { verify: false } },
      {},
      'TLS certificates of corp-ad are not verified (directories[0].tls.verify is false).',
    ],
    [
      { urls: ['ldap://dc1.corp.example'], allowPlainLdap: true },
      {},
      'The connection to dc1.corp.example of corp-ad is not encrypted (allowPlainLdap is true).',
    ],
    [
      {},
      {
        region: undefined,
        baseUrl: 'http://api.corp.example',
        tokenUrl: 'https://login.corp.example/oauth/token',
        allowPlainHttp: true,
      },
      'Requests to api.corp.example are not encrypted (target.allowPlainHttp is true).',
    ],
  ])('%j %j', (directory, target, warning) => {
    expect(folder.load(config({}, directory, target)).warnings).toEqual([warning]);
  });

  test('StartTLS and loopback need no such word', () => {
    const urls = ['ldap://localhost:389', 'ldap://127.0.0.2', 'ldap://[::1]:389'];
    expect(folder.load(config({}, { urls })).warnings).toEqual([]);
    expect(folder.load(config({}, { urls: ['ldap://dc1.corp.example'], startTls: true })).warnings).toEqual([]);
  });
});

test('the example that init prints loads once its variables are set', () => {
  const env = {
    ...ENV,
    LDAP_URL: 'ldaps://dc1.corp.example',
    LDAP_BIND_DN: 'CN=reader,DC=corp',
    LDAP_BASE_DN: 'OU=Agents,DC=corp',
    GENESYS_REGION: 'mypurecloud.ie',
  };
  expect(folder.load(exampleConfigText(), env)).toMatchObject({ name: 'corp', warnings: [] });
  expect(() => folder.load(exampleConfigText(), {})).toThrow('needs the environment variable LDAP_URL');
});
