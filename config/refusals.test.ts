import { afterAll, describe, expect, test } from 'vitest';
import { ConfigError } from '../model/errors.ts';
import { config, ConfigFolder, DIRECTORY, TARGET } from '../test/support/config-folder.ts';
import type { Json } from '../test/support/config-folder.ts';

const folder = new ConfigFolder();
afterAll(() => folder.remove());
folder.write('secret.txt', 'from-file\n');
folder.write('number.txt', '20\n');

const LOGIN: Json = { userName: 'mail', displayName: 'cn' };

describe('a configuration that cannot work is refused in one sentence', () => {
  const directory = (changes: Json): Json => config({}, changes);
  const target = (changes: Json): Json => config({}, {}, changes);
  test.each<[string, Json | string, string]>([
    ['an unknown key', config({ safty: {} }), 'safty is unknown; did you mean "safety"?'],
    ['an unknown key below', directory({ bindDN: 'x' }), 'directories[0].bindDN is unknown; did you mean "bindDn"?'],
    ['a key in the wrong place', config({ clientSecret: 'x' }), 'clientSecret is unknown; it belongs to target.'],
    ['a key nobody knows', config({ zzzzzzzz: 1 }), 'zzzzzzzz is unknown; known are name, directories,'],
    ['no directory', { target: TARGET }, 'directories is missing: it must be a list.'],
    ['an empty list', { directories: [], target: TARGET }, 'directories needs at least one element.'],
    ['a missing text', directory({ bindDn: undefined }), 'directories[0].bindDn is missing: it must be text.'],
    ['an empty text', directory({ bindPassword: '' }), 'directories[0].bindPassword must not be empty.'],
    [
      'a number for a text',
      directory({ bindPassword: 12345 }),
      'directories[0].bindPassword must be text: put it in quotes.',
    ],
    ['a text for a number', directory({ pageSize: 'many' }), 'directories[0].pageSize must be a number.'],
    ['a half number', directory({ pageSize: 1.5 }), 'directories[0].pageSize must be a whole number.'],
    ['a number too small', directory({ pageSize: 0 }), 'directories[0].pageSize must be at least 1.'],
    ['a percentage too large', config({ safety: { maximumDrop: 101 } }), 'safety.maximumDrop must be at most 100.'],
    [
      'another percentage too large',
      config({ safety: { creates: { percent: 120 } } }),
      'safety.creates.percent must be at most 100.',
    ],
    [
      'a percentage in words',
      config({ safety: { creates: { percent: 'some' } } }),
      'safety.creates.percent must be a number from 0 to 100, or none.',
    ],
    [
      'a bad choice',
      config({ telemetry: { logLevel: 'warning' } }),
      'telemetry.logLevel must be debug or info or warn or error; did you mean "warn"?',
    ],
    [
      'a bad profile',
      target({ profile: 'gensys' }),
      'target.profile must be genesys or generic; did you mean "genesys"?',
    ],
    [
      'a region of another service',
      target({ profile: 'generic' }),
      'target.region belongs to profile genesys: write the SCIM root as baseUrl.',
    ],
    [
      'another service without an address',
      target({ profile: 'generic', region: undefined }),
      'target needs baseUrl: the SCIM root, such as https://scim.example/scim/v2.',
    ],
    [
      'a resource for a SCIM root',
      target({ profile: 'generic', region: undefined, baseUrl: 'https://scim.example/v2/Users' }),
      'target.baseUrl must be the SCIM root: Rollcall adds /Users itself.',
    ],
    [
      'a query at a SCIM root',
      target({ profile: 'generic', region: undefined, baseUrl: 'https://scim.example/v2?org=1' }),
      'target.baseUrl must be the SCIM root alone, without a query.',
    ],
    [
      'a role for everybody that may not be granted',
      config({ mapping: { ...LOGIN, roles: [{ value: { constant: 'Clerk' } }] } }, {}, { grantableRoles: ['Agent'] }),
      'target.grantableRoles lacks Clerk, a role that the mapping gives: list it, or unmap it.',
    ],
    [
      'the same in a list written as a whole',
      config(
        { mapping: { ...LOGIN, roles: { patch: 'whole', items: [{ value: { constant: 'Clerk' } }] } } },
        {},
        { region: undefined, profile: 'generic', baseUrl: 'https://scim.example/v2', grantableRoles: ['Agent'] },
      ),
      'target.grantableRoles lacks Clerk,',
    ],
    [
      'a bad duration',
      target({ indexLag: '3 minutes' }),
      'target.indexLag must be a whole number with s, m, h or d, such as 3m or 24h.',
    ],
    [
      'a duration without its unit',
      target({ indexLag: 180 }),
      'target.indexLag must be a whole number with s, m, h or d, such as 3m or 24h.',
    ],
    [
      'a text for a number out of a variable',
      target({ requestsPerMinute: '${GENESYS_CLIENT_ID}' }),
      'target.requestsPerMinute must be a number.',
    ],
    [
      'a number put together of several parts',
      target({ requestsPerMinute: '1${file:number.txt}' }),
      'target.requestsPerMinute must be a number.',
    ],
    [
      'a bad name',
      config({ name: 'corp sync' }),
      'name must be at most 64 letters, digits, dots, hyphens and underscores.',
    ],
    ['an object for a list', config({ directories: {} }), 'directories must be a list.'],
    ['a list for an object', config({ safety: [] }), 'safety must be an object.'],
    [
      'a mapping that is a list',
      config({ mapping: [] }),
      'mapping must be the path of a mapping file, or the mapping itself.',
    ],
    [
      'two directories of one name',
      config({ directories: [DIRECTORY, { ...DIRECTORY, name: 'CORP-AD' }] }),
      'directories[1].name stands there twice',
    ],
    [
      'a url of another kind',
      directory({ urls: ['https://dc1'] }),
      'directories[0].urls[0] must be ldaps://host or ldap://host',
    ],
    ['a url with a path', directory({ urls: ['ldaps://dc1/DC=corp'] }), 'directories[0].urls[0] must be ldaps://host'],
    ['no url', directory({ urls: ['dc1.corp.example'] }), 'directories[0].urls[0] must be ldaps://host'],
    [
      'plain ldap',
      directory({ urls: ['ldaps://a.example', 'ldap://b.example'] }),
      'directories[0].urls[1] would send the password unencrypted',
    ],
    ['a base that is no DN', directory({ bases: ['Agents'] }), 'directories[0].bases[0] must be a DN'],
    [
      'a base with a comma too many',
      directory({ bases: ['OU=Agents,,DC=corp'] }),
      'directories[0].bases[0] must be a DN',
    ],
    ['a bind name that is none', directory({ bindDn: 'reader' }), 'directories[0].bindDn must be a DN'],
    ['a filter without brackets', directory({ filter: 'a=b' }), 'directories[0].filter must stand in brackets'],
    [
      'a filter with a bracket missing',
      directory({ filter: '(&(a=b)(c=d)' }),
      'directories[0].filter lacks a closing bracket.',
    ],
    [
      'a filter without a comparison',
      directory({ filter: '(&(a=b)(department))' }),
      'directories[0].filter has (department), which is no comparison: write it as (attribute=value).',
    ],
    [
      'a filter with a lone backslash',
      directory({ filter: '(cn=a\\b)' }),
      'directories[0].filter has a backslash without two hex digits after it',
    ],
    ['two filters', directory({ filter: '(a=b)(c=d)' }), 'directories[0].filter must be one filter'],
    [
      'a pattern that is no RDN',
      directory({ exclude: ['svc-*'] }),
      'directories[0].exclude[0] must be a pattern of first RDNs',
    ],
    [
      'a missing certificate file',
      directory({ tls: { caFile: 'none.pem' } }),
      'cannot be read (ENOENT): create it, or correct the path.',
    ],
    ['a file without a certificate', directory({ tls: { caFile: 'secret.txt' } }), 'which holds no PEM certificate'],
    ['both region and baseUrl', target({ baseUrl: 'https://api.x.example' }), 'target has both region and baseUrl'],
    ['neither', target({ region: undefined }), 'target needs region, such as mypurecloud.ie, or baseUrl.'],
    [
      'a mistyped region',
      target({ region: 'mypurecloud.ei' }),
      'target.region is no known region: did you mean mypurecloud.ie?',
    ],
    ['a region by its AWS name', target({ region: 'eu-central-1' }), 'did you mean mypurecloud.de?'],
    ['an API host as region', target({ region: 'api.mypurecloud.jp' }), 'did you mean mypurecloud.jp?'],
    [
      'an unknown region',
      target({ region: 'something.else.example' }),
      'is no known region: use baseUrl for a new region, such as https://api.something.else.example.',
    ],
    [
      'a baseUrl with a path',
      target({ region: undefined, baseUrl: 'https://api.x.example/api/v2/scim' }),
      'target.baseUrl must be the origin alone, https://api.x.example',
    ],
    ['a baseUrl that is none', target({ region: undefined, baseUrl: 'api.x.example' }), 'target.baseUrl must be a URL'],
    [
      'plain http',
      target({ region: undefined, baseUrl: 'http://api.x.example' }),
      'target.baseUrl would send secrets unencrypted',
    ],
    [
      'plain http for tokens',
      target({ tokenUrl: 'http://login.x.example' }),
      'target.tokenUrl would send secrets unencrypted',
    ],
    [
      'a missing variable',
      directory({ bindPassword: '${NOPE}' }),
      'directories[0].bindPassword needs the environment variable NOPE, which is not set: set it, or change the key.',
    ],
    ['a missing file', directory({ bindPassword: '${file:nope}' }), 'directories[0].bindPassword needs the file'],
    [
      'a variable that is none',
      directory({ bindPassword: '${a b}' }),
      'directories[0].bindPassword has ${…} around something that is no variable name',
    ],
    [
      'a country in small letters',
      config({ defaultRegion: 'de' }),
      'defaultRegion must be a country in two capital letters',
    ],
    [
      'a canary that is neither',
      config({ safety: { canaries: ['ann'] } }),
      'safety.canaries[0] must be a DN, or an anchor',
    ],
    [
      'a person key that is not mapped',
      config({ identity: { personKey: ['employeNumber'] } }),
      'identity.personKey[0] names employeNumber, which the mapping does not map; did you mean "employeeNumber"?',
    ],
    [
      'a state url with a bad port',
      config({ state: { url: 'postgres://rollcall:p4ssw0rd@host:99999/x' } }),
      'state.url must have the form postgres://user:password@host/database',
    ],
    ['a state elsewhere', config({ state: { url: 'mysql://x' } }), 'state.url must begin with postgres://'],
    [
      'a bad inline mapping',
      config({ mapping: { userName: 'mail', displayName: 'cn', title: '$x' } }),
      'title names an unknown source "$x"',
    ],
    [
      'a mapping that Genesys Cloud refuses',
      config({ mapping: { userName: 'mail', displayName: 'cn', 'name.givenName': 'x' } }),
      'build displayName instead.',
    ],
    ['a missing mapping file', config({ mapping: 'none.yaml' }), 'mapping needs the file'],
    ['a list at the top', '- a\n- b\n', 'the top level must be an object with keys such as directories and target.'],
    ['nothing at all', '# empty\n', 'is empty: run the command init to see a first configuration.'],
    [
      'a key twice',
      'name: a\nname: b\n',
      'is no valid YAML at line 2, column 1: a key stands there twice; keep one of them.',
    ],
    ['a broken line', 'name: [a\ntarget: b\n', 'is no valid YAML at line'],
    ['a tab', 'target:\n\tregion: x\n', 'a tab indents the line; use spaces.'],
    ['a second document', 'name: a\n---\nname: b\n', 'a second document begins; keep one.'],
    ['an unknown tag', 'name: !vault a\n', 'is no valid YAML at line 1, column 7: an unknown tag'],
    ['an alias of nothing', 'name: *a\n', 'is no valid YAML'],
  ])('%s', (_, changes, sentence) => {
    const attempt = (): unknown => folder.load(changes);
    expect(attempt).toThrow(ConfigError);
    expect(attempt).toThrow(sentence);
    expect(attempt).toThrow(/^[^\n]*[.?]$/);
  });

  test('without quoting a secret from a broken line', () => {
    for (const text of [
      'secret: |p4ssw0rd x\n',
      'secret: "p4ssw0rd\n',
      'a: b\np4ssw0rd\n',
      '%p4ssw0rd\n',
      'a: {b: `p4ssw0rd}\n',
    ]) {
      expect(() => folder.load(text)).toThrow(ConfigError);
      expect(() => folder.load(text)).not.toThrow(/p4ssw0rd/);
    }
  });
});
