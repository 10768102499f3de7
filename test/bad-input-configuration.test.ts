import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { atMost, expectRefused, PLANTED } from './support/bad-input.ts';
import { builtProduct } from './support/build.ts';
import { config, type Json } from './support/config-folder.ts';
import type { CommandResult } from './support/rollcall.ts';

const TIMEOUT = 300_000;
const inTurn = atMost(2);
const folder = mkdtempSync(join(tmpdir(), 'rollcall-bad-config-'));
let folders = 0;

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Nothing is contacted: a Temporal address that refuses would change sentence and exit status. */
const ENV = {
  PATH: process.env['PATH'],
  HOME: folder,
  TEMPORAL_ADDRESS: '127.0.0.1:1',
  LDAP_BIND_PW: PLANTED.bindPassword,
  GENESYS_CLIENT_ID: 'client-id',
  GENESYS_CLIENT_SECRET: PLANTED.clientSecret,
};

/** Types a command in a folder of its own, which has the files given. */
async function typed(
  line: string,
  files: Record<string, string>,
  env: NodeJS.ProcessEnv = ENV,
): Promise<CommandResult> {
  folders += 1;
  const cwd = join(folder, String(folders));
  mkdirSync(cwd);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text);
  const [program = '', ...args] = line.split(' ');
  const script = join(builtProduct(), program === 'worker' ? 'worker/main.js' : 'client/main.js');
  const child = spawn(process.execPath, [script, ...args], { cwd, env });
  const parts = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (parts.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (parts.stderr += text));
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, ...parts };
}

/** Where no variable stands for a configuration either. */
const BARE = { PATH: ENV.PATH, HOME: ENV.HOME, TEMPORAL_ADDRESS: ENV.TEMPORAL_ADDRESS };

const file = (content: Json | string): Record<string, string> => ({
  'rollcall.yaml': typeof content === 'string' ? content : stringify(content),
});
const directory = (changes: Json) => file(config({}, changes));
const target = (changes: Json) => file(config({}, {}, changes));

/** What is typed, the files beside it, and the one sentence on stderr. All of it is wrong usage: exit 2. */
const CASES: [string, string, Record<string, string>, RegExp][] = [
  [
    'an unknown command',
    'rollcall strt-sync',
    {},
    /^Unknown command 'strt-sync'; did you mean start-sync\? See `rollcall --help`\.$/,
  ],
  ['an unknown option', 'rollcall start-sync --dryrun', {}, /^Unknown option '--dryrun'; did you mean --dry-run\? See/],
  [
    'a required option left out',
    'rollcall approve',
    {},
    /^Required option '--plan <hash>' not specified; see `rollcall approve --help`\.$/,
  ],
  ['a word too many', 'rollcall check now', {}, /^Too many arguments for 'check'; see `rollcall check --help`\.$/],
  ['a mode that does not exist', 'rollcall start-sync --mode nonsense', {}, /^Unknown mode nonsense; use --mode full/],
  [
    'a number that is none',
    'rollcall runs --limit some',
    {},
    /argument 'some' is invalid: use a whole number from 1 on; see/,
  ],
  [
    'an unknown option of the worker',
    'worker --nonsense',
    {},
    /^Unknown option '--nonsense'; the worker takes --config FILE/,
  ],
  [
    'half an environment instead of a file',
    'rollcall start-sync',
    {},
    /^There is no rollcall\.yaml in .*GENESYS_BASE_URL, LDAP_HOST, .* are not set: set what is missing/,
  ],
  [
    'a configuration file that is missing',
    'rollcall plan --config none.yaml',
    {},
    /none\.yaml, named by --config, cannot be read \(ENOENT\): correct the path/,
  ],
  [
    'a first configuration where no folder is',
    'rollcall init --config none/rollcall.yaml',
    {},
    /none\/rollcall\.yaml cannot be written \(ENOENT\); make its folder writable, or give another --config FILE\.$/,
  ],
  [
    'an unknown key',
    'rollcall start-sync --wait',
    file(config({ safty: {} })),
    /safty is unknown; did you mean "safety"\?$/,
  ],
  [
    'an unknown key, for the worker',
    'worker',
    file(config({ safty: {} })),
    /safty is unknown; did you mean "safety"\?$/,
  ],
  [
    'a text for a number',
    'rollcall check',
    directory({ pageSize: 'many' }),
    /directories\[0\]\.pageSize must be a number\.$/,
  ],
  [
    'a key twice',
    'rollcall start-sync',
    file('name: a\nname: b\n'),
    /at line 2, column 1: a key stands there twice; keep one of them\.$/,
  ],
  ['broken YAML', 'rollcall start-sync', file('name: [a\ntarget: b\n'), /is no valid YAML at line \d/],
  [
    'a variable that is not set',
    'worker',
    directory({ bindPassword: '${NOT_SET}' }),
    /needs the environment variable NOT_SET, which is not set: set it/,
  ],
  [
    'a secret file that is missing',
    'rollcall check',
    directory({ bindPassword: '${file:none}' }),
    /needs the file .*none, which cannot be read \(ENOENT\): create it/,
  ],
  [
    'a filter that is none',
    'rollcall start-sync',
    directory({ filter: '(&(a=b)(department))' }),
    /filter has \(department\), which is no comparison: write it as/,
  ],
  [
    'a bracket left out',
    'rollcall start-sync',
    directory({ filter: '(&(a=b)(c=d)' }),
    /filter lacks a closing bracket\.$/,
  ],
  [
    'LDAP in clear text',
    'worker',
    directory({ urls: ['ldap://dc1.corp.example'] }),
    /would send the password unencrypted: use ldaps:/,
  ],
  [
    'an unknown region',
    'rollcall start-sync',
    target({ region: 'mypurecloud.ei' }),
    /is no known region: did you mean mypurecloud\.ie\?/,
  ],
  [
    'an API without encryption',
    'rollcall check',
    target({ region: undefined, baseUrl: 'http://api.x.example' }),
    /target\.baseUrl would send secrets unencrypted: use https:/,
  ],
  [
    'a mapping to an attribute that does not exist',
    'rollcall start-sync',
    file(config({ mapping: { userName: 'mail', displayName: 'cn', titel: 'title' } })),
    /titel.*did you mean "title"\?$/,
  ],
  [
    'an unknown transform',
    'rollcall start-sync',
    file(config({ mapping: { userName: { from: 'mail', transform: 'lowr' }, displayName: 'cn' } })),
    /unknown transform "lowr"; did you mean "lower"\?$/,
  ],
  [
    'a mapping file that is missing',
    'rollcall start-sync',
    file(config({ mapping: 'none.yaml' })),
    /mapping needs the file .*none\.yaml, which cannot be read \(ENOENT\): create it/,
  ],
  [
    'a state elsewhere',
    'rollcall runs',
    file(config({ state: { url: `mysql://u:${PLANTED.statePassword}@h/d` } })),
    /state\.url must begin with postgres:/,
  ],
  [
    'a password with signs of a url',
    'rollcall runs',
    file(config({ state: { url: `postgres://u:${PLANTED.statePassword}/#@h/d` } })),
    /state\.url must have the form postgres:.*%40 for @/,
  ],
  [
    'a feature that is not built yet',
    'rollcall start-sync',
    file(config({ notify: { webhook: 'https://x.example' } })),
    /notify asks for notifications, which are not available yet: remove the key\.$/,
  ],
];

test.concurrent.each(CASES)(
  '%s: one sentence, and exit 2',
  (_, line, files, sentence) =>
    inTurn(async () => expect(expectRefused(await typed(line, files), 2)).toMatch(sentence)),
  TIMEOUT,
);

test.concurrent.each(['rollcall start-sync --wait --json', 'rollcall check --json', 'worker'])(
  'no configuration at all (%s): one sentence, and exit 2',
  (line) =>
    inTurn(async () => {
      const refused = await typed(line, {}, BARE);
      expect(expectRefused(refused, 2)).toMatch(/^There is no rollcall\.yaml in .*: run the command init/);
    }),
  TIMEOUT,
);

const TEMPORAL: [string, NodeJS.ProcessEnv, RegExp][] = [
  ['an address that is none', { TEMPORAL_ADDRESS: 'not an address' }, /"not an address" has not the form host:port/],
  ['a switch that is neither on nor off', { TEMPORAL_TLS: 'perhaps' }, /TEMPORAL_TLS must be true or false/],
  [
    'a profile that is missing',
    { TEMPORAL_PROFILE: 'none' },
    /Profile 'none' not found .*; correct the TEMPORAL_\* variables/,
  ],
  ['a file that is missing', { TEMPORAL_CONFIG_FILE: '/nowhere.toml' }, /names \/nowhere\.toml, which does not exist/],
];

test.concurrent.each(TEMPORAL)(
  "Temporal's %s: one sentence, and exit 2",
  (_, env, sentence) =>
    inTurn(async () => {
      const refused = await typed('worker', file(config()), { ...ENV, ...env });
      expect(expectRefused(refused, 2)).toMatch(sentence);
    }),
  TIMEOUT,
);

test.concurrent(
  'a broken temporal.toml is refused without quoting it',
  () =>
    inTurn(async () => {
      const path = join(folder, 'temporal.toml');
      writeFileSync(path, `[profile.default]\napi_key = "${PLANTED.apiKey}\n`);
      const refused = await typed('rollcall start-sync', file(config()), { ...ENV, TEMPORAL_CONFIG_FILE: path });
      expect(expectRefused(refused, 2)).toMatch(/Invalid TOML document.* at line 2 of temporal\.toml\); correct/);
    }),
  TIMEOUT,
);
