import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { ConfigError } from '../model/errors.ts';
import { config, ConfigFolder, ENV, PEM } from '../test/support/config-folder.ts';
import { loadSettings } from './load.ts';

const folder = new ConfigFolder();
afterAll(() => folder.remove());
folder.write('ca.pem', PEM);

describe('where the configuration is found', () => {
  const WITHOUT_FILE = {
    GENESYS_BASE_URL: 'https://api.mypurecloud.ie',
    GENESYS_CLIENT_ID: 'id',
    GENESYS_CLIENT_SECRET: 'secret',
    LDAP_HOST: 'ldap.corp.example',
    LDAP_BIND_DN: 'cn=reader,dc=corp',
    LDAP_BIND_PW: 'pw',
    LDAP_BASE_DN: 'ou=people,dc=corp',
  };
  const empty = (): string => mkdtempSync(join(folder.path, 'empty-'));

  test('--config before ROLLCALL_CONFIG before rollcall.yaml before the environment', () => {
    const cwd = empty();
    const put = (name: string): void => writeFileSync(join(cwd, `${name}.yaml`), stringify(config({ name })));
    const env = { ...WITHOUT_FILE, ROLLCALL_CONFIG: 'variable.yaml' };
    ['option', 'variable', 'rollcall'].forEach(put);
    expect(loadSettings({ file: 'option.yaml', env, cwd })).toMatchObject({
      name: 'option',
      file: join(cwd, 'option.yaml'),
    });
    expect(loadSettings({ env, cwd }).name).toBe('variable');
    expect(loadSettings({ env: WITHOUT_FILE, cwd }).name).toBe('rollcall');
    rmSync(join(cwd, 'rollcall.yaml'));
    expect(loadSettings({ env: WITHOUT_FILE, cwd })).toMatchObject({ name: 'default', file: null });
  });

  test('relative paths and the state stand beside the file, wherever one calls from', () => {
    const cwd = empty();
    mkdirSync(join(cwd, 'etc'));
    writeFileSync(join(cwd, 'etc', 'map.yaml'), 'userName: mail\ndisplayName: cn\n');
    writeFileSync(join(cwd, 'etc', 'c.yaml'), stringify(config({ mapping: 'map.yaml' })));
    const settings = loadSettings({ file: 'etc/c.yaml', env: ENV, cwd });
    expect(settings.mapping).toEqual({ userName: 'mail', displayName: 'cn' });
    expect(settings.state.folder).toBe(join(cwd, 'etc', '.rollcall'));
  });

  test.each([
    [{}, 'ldaps://ldap.corp.example:636', false],
    [{ LDAP_PORT: '636' }, 'ldaps://ldap.corp.example:636', false],
    [{ LDAP_PORT: '3269' }, 'ldaps://ldap.corp.example:3269', false],
    [{ LDAP_PORT: '389' }, 'ldap://ldap.corp.example:389', true],
    [{ LDAP_PORT: '10389' }, 'ldap://ldap.corp.example:10389', true],
    [{ LDAP_HOST: 'ldap://ldap.corp.example:1389' }, 'ldap://ldap.corp.example:1389', true],
    [{ LDAP_HOST: 'ldaps://ldap.corp.example', LDAP_PORT: '1636' }, 'ldaps://ldap.corp.example:1636', false],
    [{ LDAP_HOST: 'ldap.corp.example:389' }, 'ldap://ldap.corp.example:389', true],
    [{ LDAP_HOST: '::1' }, 'ldaps://[::1]:636', false],
  ])('the environment alone: %j', (env, url, startTls) => {
    const cwd = empty();
    const settings = loadSettings({ env: { ...WITHOUT_FILE, ...env }, cwd });
    expect(settings.directories).toMatchObject([{ urls: [url], startTls, bases: ['ou=people,dc=corp'] }]);
    expect(settings.directories[0]?.bindPassword.read()).toBe('pw');
    expect(settings.target.clientId.read()).toBe('id');
    expect(settings.state).toEqual({ url: null, folder: join(cwd, '.rollcall') });
  });

  test('the environment alone takes the authority as a file or as text', () => {
    const cwd = empty();
    for (const LDAP_CA_CERT of [join(folder.path, 'ca.pem'), PEM]) {
      expect(loadSettings({ env: { ...WITHOUT_FILE, LDAP_CA_CERT }, cwd }).directories[0]?.tls.ca).toBe(PEM);
    }
  });

  test.each([
    [{}, 'run the command init to write a first one'],
    [
      { LDAP_HOST: 'x', GENESYS_CLIENT_ID: 'y' },
      'GENESYS_BASE_URL, GENESYS_CLIENT_SECRET, LDAP_BIND_DN, LDAP_BIND_PW, LDAP_BASE_DN are not set',
    ],
    [{ ...WITHOUT_FILE, LDAP_BASE_DN: 'people' }, 'In the environment, LDAP_BASE_DN must be a DN'],
    [
      { ...WITHOUT_FILE, GENESYS_BASE_URL: 'http://api.x.example' },
      'In the environment, GENESYS_BASE_URL would send secrets unencrypted',
    ],
    [{ ROLLCALL_CONFIG: 'gone.yaml' }, 'named by ROLLCALL_CONFIG, cannot be read (ENOENT)'],
  ])('none, or half of one, says what to do: %j', (env, sentence) => {
    const cwd = empty();
    expect(() => loadSettings({ env, cwd })).toThrow(ConfigError);
    expect(() => loadSettings({ env, cwd })).toThrow(sentence);
  });

  test('a file that is not there says what to do', () => {
    expect(() => loadSettings({ file: 'gone.yaml', env: WITHOUT_FILE, cwd: folder.path })).toThrow(
      /named by --config, cannot be read \(ENOENT\): correct the path, or run the command init/,
    );
  });
});
