import { afterAll, describe, expect, test } from 'vitest';
import { config, ConfigFolder, DIRECTORY, ENV } from '../test/support/config-folder.ts';
import type { Json } from '../test/support/config-folder.ts';

const folder = new ConfigFolder();
afterAll(() => folder.remove());

describe('the hash', () => {
  const hash = (changes: Json, env: NodeJS.ProcessEnv = ENV): string => folder.load(changes, env).hash;

  test('stays the same by what decides no plan', () => {
    const same = hash(config());
    expect(same).toMatch(/^[0-9a-f]{64}$/);
    expect(hash(config({ name: 'other', safety: { creates: { max: 1 } }, state: { url: 'postgres://x' } }))).toBe(same);
    expect(hash(config({}, { urls: ['ldaps://other.example'], tls: { verify: false } }))).toBe(same);
    expect(hash(config({}, {}, { requestsPerMinute: 10, clientSecret: 'x' }))).toBe(same);
    expect(hash(config(), { ...ENV, LDAP_BIND_PW: 'other' })).toBe(same);
    expect(hash(config({ leavers: { gone: 'deactivate' }, identity: {} }))).toBe(same);
    const { bases, ...rest } = DIRECTORY;
    expect(hash(config({ directories: [{ bases, ...rest }] }))).toBe(same);
  });

  test('changes by whatever decides one', () => {
    const mapping = { userName: 'mail', displayName: 'cn' };
    const hashes = [
      config(),
      config({}, { bases: ['DC=other'] }),
      config({}, { filter: '(a=b)' }),
      config({}, { exclude: ['CN=x'] }),
      config({}, { anchor: 'mS-DS-ConsistencyGuid' }),
      config({}, { name: 'other' }),
      config({ defaultRegion: 'DE' }),
      config({ leavers: { gone: 'hold' } }),
      config({ identity: { personKey: ['externalId'] } }),
      config({ identity: { onDeletedUser: 'recreate' } }),
      config({ mapping }),
      config({ mapping: { ...mapping, title: 'title' } }),
    ].map((changes) => hash(changes));
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  test('does not care where the same mapping stands, nor for the order of its keys', () => {
    folder.write('own-mapping.yaml', 'displayName: cn\nuserName: { transform: [trim], from: "${SOURCE}" }\n');
    const inline = { userName: { from: 'mail', transform: ['trim'] }, displayName: 'cn' };
    const env = { ...ENV, SOURCE: 'mail' };
    expect(hash(config({ mapping: 'own-mapping.yaml' }), env)).toBe(hash(config({ mapping: inline })));
  });
});
