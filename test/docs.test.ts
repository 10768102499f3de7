import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { loadSettings } from '../config/load.ts';
import { jsonSchema } from '../config/schema.ts';
import { compileMapping } from '../mapping/compile.ts';
import { checkGenesysSchema } from '../mapping/genesys-schema.ts';
import { SEARCH_ATTRIBUTES } from '../model/search-attributes.ts';
import { approvalWorkflowId, provisionWorkflowId, runWorkflowId, taskQueue } from '../workflows/ids.ts';
import type { DecisionInput, PauseInput, ProvisionInput, SyncRunInput } from '../workflows/messages.ts';
import { makeCa } from './support/certificates.ts';
import { blocks, page, pages, section, tableRows } from './support/pages.ts';

const ROOT = join(import.meta.dirname, '..');
const PAGES = pages();

type Fields = Record<string, unknown>;

let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rollcall-docs-'));
  const { certFile } = await makeCa(folder);
  cpSync(certFile, join(folder, 'corp-ca.pem'));
  for (const name of ['ldap-password', 'genesys-secret']) writeFileSync(join(folder, name), 'a secret\n');
  writeFileSync(join(folder, 'rollcall-key'), `${'ab'.repeat(32)}\n`);
  writeFileSync(join(folder, 'codec-token'), 'a-token-of-some-length\n');
  cpSync(join(ROOT, 'mapping/default-mapping.yaml'), join(folder, 'mapping.yaml'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('examples', () => {
  const mappings = PAGES.flatMap((one) =>
    blocks(one, 'yaml mapping').map((text, index) => ({ path: one.path, number: index + 1, text })),
  );
  const configurations = PAGES.flatMap((one) =>
    blocks(one, 'yaml configuration').map((text, index) => ({ path: one.path, number: index + 1, text })),
  );

  test('no YAML stands in a page without being checked', () => {
    const unchecked = PAGES.filter((one) => ['yaml', 'yml'].some((info) => blocks(one, info).length > 0));
    expect(unchecked.map(({ path }) => path)).toEqual([]);
    expect(mappings.length).toBeGreaterThan(5);
    expect(configurations.length).toBeGreaterThan(3);
  });

  test.each(mappings)('mapping $number of $path compiles', ({ text }) => {
    const source = { userName: 'mail', displayName: 'cn', ...(parse(text) as Fields) };
    expect(() => checkGenesysSchema(compileMapping(source))).not.toThrow();
  });

  test('mappings for other services compile', () => {
    const texts = PAGES.flatMap((one) => blocks(one, 'yaml generic mapping'));
    expect(texts.length).toBeGreaterThan(0);
    for (const text of texts)
      expect(() => compileMapping({ userName: 'mail', ...(parse(text) as Fields) })).not.toThrow();
  });

  test.each(configurations)('configuration $number of $path loads', ({ text }) => {
    const file = join(folder, 'rollcall.yaml');
    const local = text.replaceAll('/etc/ssl/', `${folder}/`).replaceAll('/run/secrets/', `${folder}/`);
    writeFileSync(file, stringify(merge(MINIMAL, parse(local))));
    const names = [...text.matchAll(/\$\{(\w+)\}/g)].map(([, name = '']) => [name, 'postgres://u:p@db.example/x']);
    expect(() =>
      loadSettings({ file, env: Object.fromEntries(names) as NodeJS.ProcessEnv, cwd: folder }),
    ).not.toThrow();
  });
});

/** What an example leaves out. */
const MINIMAL = {
  name: 'corp',
  directories: [{ name: 'd', urls: ['ldaps://d.example'], bindDn: 'cn=a,dc=b', bindPassword: 'p', bases: ['dc=b'] }],
  target: { clientId: 'id', clientSecret: 'secret' },
};

/** Objects member by member, lists element by element; the right one wins. Without a region a target gets one. */
function merge(base: unknown, more: unknown, at = ''): unknown {
  if (Array.isArray(base) && Array.isArray(more) && at === 'directories') {
    return more.map((one: unknown, index) => merge(base[index], one));
  }
  if (!isFields(base) || !isFields(more)) return more ?? base;
  const keys = [...new Set([...Object.keys(base), ...Object.keys(more)])];
  const merged = Object.fromEntries(keys.map((key) => [key, merge(base[key], more[key], key)]));
  const { target } = merged;
  const isComplete = !isFields(target) || 'region' in target || 'baseUrl' in target;
  return isComplete ? merged : { ...merged, target: { ...target, region: 'mypurecloud.ie' } };
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

describe('reference', () => {
  test('every key of the configuration is explained, with its default', () => {
    // The first row about a key says its default; a later one may say what is not available yet.
    const rows = tableRows(page('docs/configuration.md')).toReversed();
    const documented = new Map(rows.map(([key = '', value = '']) => [key, value]));
    const wrong = schemaKeys(jsonSchema()).flatMap(({ key, fallback }) => {
      const prefixes = key.split('.').map((_, index, parts) =>
        parts
          .slice(0, index + 1)
          .join('.')
          .replace(/\[\]$/, ''),
      );
      if (!documented.has(key)) return prefixes.some((prefix) => documented.has(prefix)) ? [] : [`${key} is missing`];
      const said = documented.get(key) ?? '';
      if (fallback === undefined || !/^`.*`$/.test(said)) return [];
      const value: unknown = parse(said.slice(1, -1));
      return JSON.stringify(value) === JSON.stringify(fallback) ? [] : [`${key}: ${said} is not its default`];
    });
    expect(wrong).toEqual([]);
  });

  test('what the configuration page calls not available yet is what is refused', () => {
    const source = readFileSync(join(ROOT, 'config/unsupported.ts'), 'utf8');
    const refused = [...source.matchAll(/\bkey: '([^']+)'/g)].map(([, key = '']) => key);
    const rows = tableRows(section(page('docs/configuration.md'), 'Known, but not available yet'));
    expect(
      rows
        .slice(2)
        .map(([key = '']) => key)
        .sort(),
    ).toEqual(refused.sort());
  });

  test('every error code is in the runbook, and no other', () => {
    const source = readFileSync(join(ROOT, 'model/errors.ts'), 'utf8');
    const codes = [...source.matchAll(/^ {2}\| '([^']+)'/gm)].map(([, code = '']) => code);
    const rows = tableRows(section(page('docs/runbook.md'), 'Error codes')).slice(2);
    expect(codes.length).toBeGreaterThan(30);
    expect(rows.map(([code = '']) => code).sort()).toEqual(codes.sort());
  });

  test('every transform is in the mapping page', () => {
    const source = readFileSync(join(ROOT, 'mapping/transforms.ts'), 'utf8');
    const names = [...source.matchAll(/^ {2}(\w+)(?::|,$)/gm)].map(([, name = '']) => name);
    const transforms = section(page('docs/mapping.md'), 'Transforms');
    expect(names).toContain('trim');
    expect(['lookup', ...names].filter((name) => !new RegExp(`\`${name}\\b`).test(transforms))).toEqual([]);
  });

  test('the search attributes of the Web UI page are those that are registered', () => {
    const rows = tableRows(section(page('docs/web-ui.md'), 'Search attributes')).slice(2);
    const types = rows.map(([name = '', type = '']) => [name, type.toUpperCase()]);
    expect(Object.fromEntries(types)).toEqual(SEARCH_ATTRIBUTES);
  });

  test('every file or folder that a page names exists', () => {
    const missing = PAGES.flatMap(({ path, text }) =>
      [...text.matchAll(/`([a-z.](?:[\w.-]*\/)+[\w.-]*)`/g)]
        .map(([, named = '']) => named)
        .filter((named) => !named.startsWith('.rollcall/') && !existsSync(join(ROOT, named)))
        .map((named) => `${path}: ${named}`),
    );
    expect(missing).toEqual([]);
  });
});

/** Leaves of a JSON Schema as `directories[].tls.caFile`. */
function schemaKeys(schema: unknown, at = ''): { key: string; fallback: unknown }[] {
  const properties = isFields(schema) && isFields(schema['properties']) ? schema['properties'] : {};
  return Object.entries(properties).flatMap(([name, inner]) => {
    const key = at === '' ? name : `${at}.${name}`;
    const fields = isFields(inner) ? inner : {};
    const items = isFields(fields['items']) ? fields['items'] : {};
    if (isFields(fields['properties'])) return schemaKeys(fields, key);
    if (isFields(items['properties'])) return schemaKeys(items, `${key}[]`);
    return [{ key, fallback: fields['default'] }];
  });
}

describe("operations with Temporal's own command", () => {
  const text = page('docs/operations.md');
  const inputs = [...text.replaceAll('\\"', '"').matchAll(/--input ['"](\{.*\})['"]/g)].map(
    ([, json = '']) => JSON.parse(json) as Fields,
  );

  test('the inputs are what the workflows take', () => {
    const run: SyncRunInput = { runId: '$RUN', sync: 'corp', mode: 'full', dryRun: false, actor: 'ann', batch: null };
    const decision: DecisionInput = { approve: true, batch: 'HASH', actor: 'ann', reason: 'first load' };
    const person: ProvisionInput = {
      ...{ runId: '$RUN', sync: 'corp', mode: 'provision', dryRun: false, actor: 'ann', anchor: '$ANCHOR' },
    };
    const pause: PauseInput = { actor: 'ann', reason: 'change 4711' };
    expect(inputs).toEqual([run, person, decision, pause]);
  });

  test('ids, task queue, types and names are those of the workflows', () => {
    const after = (option: string): Set<string> =>
      new Set([...text.matchAll(new RegExp(`--${option} (\\S+)`, 'g'))].map(([, value = '']) => value));
    expect(after('workflow-id')).toEqual(
      new Set([runWorkflowId('corp'), provisionWorkflowId('corp', '$ANCHOR'), approvalWorkflowId('corp', 'HASH')]),
    );
    expect(after('task-queue')).toEqual(new Set([taskQueue('corp')]));
    const messages = readFileSync(join(ROOT, 'workflows/messages.ts'), 'utf8');
    expect(messages).toContain("defineQuery<RunProgress>('progress')");
    expect(messages).toContain("('decide')");
    expect([after('type'), after('name')]).toEqual([
      new Set(['syncRun', 'provisionUser', 'progress']),
      new Set(['decide', 'pause', 'resume']),
    ]);
  });
});
