import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { ConfigError } from '../model/errors.ts';
import { config, ConfigFolder } from '../test/support/config-folder.ts';

const folder = new ConfigFolder();
afterAll(() => folder.remove());
folder.write('secret.txt', 'from-file\n');

describe('secrets', () => {
  test('come from variables and files, beside other text', () => {
    const settings = folder.load(config({}, { bindPassword: 'a-${LDAP_BIND_PW}-${file:secret.txt}-$${X}' }));
    expect(settings.directories[0]?.bindPassword.read()).toBe('a-bind-secret-from-file-${X}');
  });

  test('are read again from their file, so that a rotated one is found', () => {
    const path = join(folder.path, 'rotated.txt');
    writeFileSync(path, 'old\n');
    const settings = folder.load(config({}, {}, { clientSecret: `\${file:${path}}` }));
    expect(settings.target.clientSecret.read()).toBe('old');
    writeFileSync(path, 'new\r\n');
    expect(settings.target.clientSecret.read()).toBe('new');
    rmSync(path);
    expect(() => settings.target.clientSecret.read()).toThrow(ConfigError);
    expect(() => settings.target.clientSecret.read()).toThrow('target.clientSecret needs the file');
  });

  test('never print', () => {
    const settings = folder.load({ ...config(), state: { url: 'postgres://u:state-secret@h/d' } });
    const secret: unknown = settings.target.clientSecret;
    const printed = [JSON.stringify(settings), inspect(settings, { depth: 9, showHidden: true }), String(secret)];
    for (const text of printed) {
      expect(text).not.toMatch(/bind-secret|client-secret|state-secret/);
      expect(text).toContain('[secret]');
    }
  });
});
