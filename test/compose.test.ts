import { existsSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, expect, test } from 'vitest';
import { milliseconds } from '../config/durations.ts';
import { SEARCH_ATTRIBUTES } from '../model/search-attributes.ts';
import { simulatorCommand } from '../simulator/main.ts';
import type { SimulatorOptions } from '../simulator/options.ts';
import { runCommand, type CommandResult } from '../tools/run-command.ts';
import { atDefault, COMPOSE, composeSettings, isOneShot, service, SERVICES } from './support/compose.ts';

const ROOT = join(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

const DOCKERFILES = SERVICES.flatMap(([, { build }]) => (build === undefined ? [] : [posix.join(build, 'Dockerfile')]));

describe('docker-compose.yml', () => {
  test('whoever depends on a service waits for something that it can say', () => {
    const wrong = SERVICES.flatMap(([name, { depends_on: on = {} }]) =>
      Object.entries(on).flatMap(([target, { condition }]) => {
        const { healthcheck } = service(target);
        const fits = condition === 'service_healthy' ? healthcheck !== undefined : healthcheck === undefined;
        const known = ['service_healthy', 'service_completed_successfully'].includes(condition);
        return target in COMPOSE.services && known && fits ? [] : [`${name} -> ${target}: ${condition}`];
      }),
    );
    expect(wrong).toEqual([]);
    expect(Object.keys(service('worker').depends_on ?? {}).length).toBeGreaterThan(3);
  });

  test('every service that stays has a health check and comes back; what runs once does neither', () => {
    const stays = SERVICES.filter(([, { healthcheck, restart }]) => healthcheck !== undefined && restart !== undefined);
    const once = SERVICES.filter(([name]) => isOneShot(name)).map(([name]) => name);
    expect(once).toEqual(['temporal-schema', 'temporal-namespace']);
    expect(
      stays
        .map(([name]) => name)
        .concat(once)
        .sort(),
    ).toEqual(SERVICES.map(([name]) => name).sort());
  });

  test('every image is pinned to a version', () => {
    const bases = DOCKERFILES.flatMap((file) =>
      [...read(file).matchAll(/^FROM (\S+)/gm)].map(([, image = '']) => image),
    );
    const images = SERVICES.flatMap(([, { image, build }]) =>
      image === undefined || build !== undefined ? [] : [image],
    );
    expect(images.length).toBeGreaterThan(3);
    expect([...images, ...bases].filter((image) => !/^[\w./-]+:v?\d+\.\d+[\w.-]*$/.test(image))).toEqual([]);
  });

  test('containers have no fixed name and only loopback ports are published', () => {
    const ports = SERVICES.flatMap(([, one]) => one.ports ?? []);
    expect(ports.length).toBeGreaterThan(3);
    expect(ports.filter((port) => !/^127\.0\.0\.1:\d+:\d+$/.test(port))).toEqual([]);
    expect(SERVICES.filter(([, one]) => one.container_name !== undefined)).toEqual([]);
  });

  test('every file that is mounted exists, and every volume has a name', () => {
    const sources = SERVICES.flatMap(([, one]) => one.volumes ?? []).map((volume) => volume.split(':')[0] ?? '');
    const named = sources.filter((source) => !source.startsWith('.'));
    expect(sources.filter((source) => source.startsWith('.') && !existsSync(join(ROOT, source)))).toEqual([]);
    expect([...new Set(named)].sort()).toEqual(Object.keys(COMPOSE.volumes).sort());
  });

  test('every program of ours that a container starts is part of the build', () => {
    const { exclude } = JSON.parse(read('tsconfig.build.json')) as { exclude: string[] };
    const words = SERVICES.flatMap(([, one]) => [...(one.command ?? []), ...(one.healthcheck?.test ?? [])]);
    const texts = [...words, ...DOCKERFILES.map(read)].join('\n');
    const programs = [...new Set([...texts.matchAll(/dist\/([\w/-]+)\.js/g)].map(([, path = '']) => path))];
    expect(programs.sort()).toEqual(['client/main', 'simulator/main', 'worker/main']);
    expect(programs.filter((path) => !existsSync(join(ROOT, `${path}.ts`)))).toEqual([]);
    expect(programs.filter((path) => exclude.includes(path.split('/')[0] ?? ''))).toEqual([]);
  });

  test('a worker that is told to stop has more time than it takes', () => {
    const grace = /const GRACE = '(\d+s)'/.exec(read('worker/start.ts'))?.[1] ?? '';
    expect(milliseconds(service('worker').stop_grace_period ?? '')).toBeGreaterThan(milliseconds(grace) + 10_000);
  });

  test("the worker's health check asks where the worker listens", () => {
    const { metrics } = composeSettings().telemetry;
    const check = service('worker').healthcheck?.test?.join(' ') ?? '';
    expect(check).toContain(`fetch('http://${metrics?.host}:${metrics?.port}/ready')`);
  });

  test('the simulator understands its options and listens where the worker looks', async () => {
    let options: Partial<SimulatorOptions> = {};
    const [, , ...args] = service('simulator').command ?? [];
    const command = simulatorCommand(async (given) => void (options = given)).exitOverride();
    await command.parseAsync(args.map(atDefault), { from: 'user' });
    const { target } = composeSettings();
    expect(options).toMatchObject({ host: '0.0.0.0', clientId: target.clientId.read() });
    expect(options.clientSecret).toBe(target.clientSecret.read());
    expect(target.baseUrl).toBe(`http://simulator:${options.apiPort}`);
    expect(target.tokenUrl).toBe(`http://simulator:${options.loginPort}/oauth/token`);
  });

  test('the namespace gets the search attributes that the worker needs', () => {
    const script = read('docker/temporal/create-namespace.sh');
    const made = [...script.matchAll(/--name (\w+) --type (\w+)/g)].map(([, name = '', type = '']) => [
      name,
      type.toUpperCase(),
    ]);
    expect(Object.fromEntries(made)).toEqual(SEARCH_ATTRIBUTES);
  });
});

test("the worker's configuration loads, and every address in it is a service", () => {
  const settings = composeSettings();
  const url = settings.state.url?.read() ?? '';
  expect(url).toMatch(/^postgres:/);
  const hosts = [url, settings.target.baseUrl, ...(settings.directories[0]?.urls ?? [])].map(
    (address) => new URL(address).hostname,
  );
  hosts.push((service('worker').environment?.['TEMPORAL_ADDRESS'] ?? '').split(':')[0] ?? '');
  expect(hosts).toEqual(['postgresql', 'simulator', 'openldap', 'temporal']);
  expect(hosts.filter((host) => !(host in COMPOSE.services))).toEqual([]);
  expect(settings.warnings.length).toBe(3);
});

test('the variables of the worker are those that its configuration asks for', () => {
  const asked = [...read('docker/rollcall.yaml').matchAll(/\$\{(\w+)\}/g)].map(([, name = '']) => name);
  const given = Object.keys(service('worker').environment ?? {});
  const others = given.filter((name) => !name.startsWith('TEMPORAL_') && name !== 'ROLLCALL_CONFIG');
  expect([...new Set(asked)].sort()).toEqual(others.sort());
  const mounted = (service('worker').volumes ?? []).map((volume) => volume.split(':')[1]);
  expect(mounted).toContain(service('worker').environment?.['ROLLCALL_CONFIG']);
});

describe.each([...new Set(DOCKERFILES)])('%s', (path) => {
  const lines = read(path);

  test('copies what exists, runs scripts that exist, and ends as an ordinary user', () => {
    const copied = [...lines.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, sources = '']) => sources.split(' '));
    expect(copied.filter((source) => !existsSync(join(ROOT, posix.dirname(path), source)))).toEqual([]);
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Fields };
    const run = [...lines.matchAll(/npm run ([\w:-]+)/g)].map(([, name = '']) => name);
    expect(run.filter((name) => !(name in scripts))).toEqual([]);
    const users = [...lines.matchAll(/^USER (\S+)$/gm)].map(([, user]) => user);
    expect(users).toHaveLength(1);
    expect(users[0]).not.toBe('root');
    expect(lines).not.toMatch(/^FROM \S*(?:alpine|musl)/m);
  });
});

type Fields = Record<string, unknown>;

test('what the image is built from is not kept out of it', () => {
  const ignored = read('.dockerignore')
    .split('\n')
    .filter((line) => line !== '');
  const needed = [
    'package.json',
    'package-lock.json',
    'tsconfig.json',
    'tsconfig.build.json',
    'tools',
    'worker',
    'client',
  ];
  expect(needed.filter((name) => ignored.includes(name))).toEqual([]);
  expect(ignored).toEqual(expect.arrayContaining(['node_modules', 'dist', '.rollcall', '.git']));
});

test('Docker Compose, where it is installed, accepts the file', async () => {
  expect([null, { status: 0, output: '' }]).toContainEqual(await verdictOfCompose());
});

/** What Compose's own parser says, which needs no engine; null where there is no Compose. */
async function verdictOfCompose(): Promise<CommandResult | null> {
  const { status } = await runCommand('docker', ['compose', 'version']);
  return status === 0 ? runCommand('docker', ['compose', 'config', '--quiet'], { cwd: ROOT }) : null;
}
