import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSimulator, type Simulator } from '../simulator/start.ts';
import { openSqlite } from '../state/engine.ts';
import { openState } from '../state/open.ts';
import { atMost, expectNoSecret, expectRefused, expectSentence, failedChecks, PLANTED } from './support/bad-input.ts';
import { builtProduct } from './support/build.ts';
import { simulatorTarget, slapdDirectory, UNPACED } from './support/configuration.ts';
import { ldifPeople } from './support/ldif.ts';
import { startPostgres } from './support/postgres.ts';
import { Rollcall } from './support/rollcall.ts';
import { startSlapd, type Slapd } from './support/slapd.ts';

const TIMEOUT = 600_000;
const PEOPLE = 12;
const inTurn = atMost(2);
let slapd: Slapd;

beforeAll(async () => {
  slapd = await startSlapd({ ldif: ldifPeople(PEOPLE, 'ou=Agents,dc=corp,dc=example') });
});

afterAll(() => slapd?.stop());

interface Stage {
  rollcall: Rollcall;
  simulator: Simulator;
}

/** A sound installation with changes; nobody is written unless `writes` says so. */
function staged(
  { writes = 0, env = {}, ...changes }: { writes?: number; env?: NodeJS.ProcessEnv } & Record<string, unknown>,
  work: (stage: Stage) => Promise<void>,
): Promise<void> {
  return inTurn(async () => {
    const simulator = await startSimulator({ ...UNPACED, clientSecret: PLANTED.clientSecret });
    const rollcall = new Rollcall(
      {
        directories: [slapdDirectory(slapd)],
        target: simulatorTarget(simulator),
        safety: { firstRun: 'apply' },
        ...changes,
      },
      env,
    );
    try {
      await work({ rollcall, simulator });
      expect(simulator.counts()).toMatchObject({ write: writes, deletes: 0 });
    } finally {
      await rollcall.close();
      await simulator.stop();
    }
  });
}

test.concurrent(
  'without a worker nothing is started',
  () =>
    staged({}, async ({ rollcall }) => {
      const sentence = /^No worker is running for sync \S+; start one with `npm run worker`/;
      expect(expectRefused(await rollcall.run('start-sync', '--wait', '--json'), 1)).toMatch(sentence);
      expect(await failedChecks(rollcall)).toEqual({ worker: expect.stringMatching(sentence) as string });
    }),
  TIMEOUT,
);

test.concurrent(
  'a Temporal that does not answer is named with its address, by worker and command',
  () =>
    staged({ env: { TEMPORAL_ADDRESS: '127.0.0.1:1' } }, async ({ rollcall }) => {
      const sentence = /^Temporal does not answer at 127\.0\.0\.1:1; start it, or set TEMPORAL_ADDRESS/;
      expect(expectRefused(await rollcall.runWorker(), 1)).toMatch(sentence);
      expect(expectRefused(await rollcall.run('start-sync', '--wait', '--json'), 1)).toMatch(sentence);
    }),
  TIMEOUT,
);

test.concurrent(
  'a namespace that Temporal does not have is named, by worker and command',
  () =>
    staged({ env: { TEMPORAL_NAMESPACE: 'nowhere' } }, async ({ rollcall }) => {
      const sentence = /has no namespace nowhere; create it there, or set TEMPORAL_NAMESPACE/;
      expect(expectRefused(await rollcall.runWorker(), 1)).toMatch(sentence);
      expect(expectRefused(await rollcall.run('start-sync', '--wait'), 1)).toMatch(sentence);
    }),
  TIMEOUT,
);

test.concurrent(
  "a file in the place of the state's folder, and one that is no database",
  () =>
    staged({}, async ({ rollcall }) => {
      const folder = join(rollcall.folder, '.rollcall');
      writeFileSync(folder, '');
      const inTheWay = /a file stands in the place of the folder; move it away\.$/;
      expect(expectRefused(await rollcall.runWorker(), 1)).toMatch(inTheWay);
      expect(expectRefused(await rollcall.run('runs'), 1)).toMatch(inTheWay);
      rmSync(folder);
      mkdirSync(folder);
      writeFileSync(join(folder, 'state.db'), 'certainly no database');
      expect(expectRefused(await rollcall.run('runs'), 1)).toMatch(/no SQLite database; move it away or restore/);
    }),
  TIMEOUT,
);

test.concurrent(
  'a state of a newer release is left alone',
  () =>
    staged({}, async ({ rollcall }) => {
      const folder = join(rollcall.folder, '.rollcall');
      await (await openState({ url: null, folder })).close();
      const engine = await openSqlite(folder);
      await engine.write((trx) => sql`insert into schema_migrations values ('9999-later', '')`.execute(trx));
      await engine.close();
      const sentence = /^The state was written by a newer release of Rollcall; update this installation\.$/;
      expect(expectRefused(await rollcall.runWorker(), 1)).toMatch(sentence);
      expect(expectRefused(await rollcall.run('plan', '--json'), 1)).toMatch(sentence);
    }),
  TIMEOUT,
);

test.concurrent(
  'a PostgreSQL that is not there or lets nobody in is named without user and password',
  async () => {
    const postgres = await startPostgres();
    const other = new URL(postgres.url);
    other.username = 'nobody-here';
    other.password = PLANTED.statePassword;
    const away = `postgres://rollcall:${PLANTED.statePassword}@127.0.0.1:1/corp`;
    await staged({ state: { url: away } }, async ({ rollcall }) => {
      expect(expectRefused(await rollcall.runWorker(), 1)).toMatch(
        /127\.0\.0\.1:1\/corp cannot be used \(nothing listens/,
      );
    });
    await staged({ state: { url: other.href } }, async ({ rollcall }) => {
      expect(expectRefused(await rollcall.run('runs'), 1)).toMatch(
        /it refused user name or password\); check state\.url/,
      );
    });
  },
  TIMEOUT,
);

test.concurrent(
  'two workers share the work of a run, a wrong hash decides nothing, and output may be cut off',
  () =>
    staged({ writes: PEOPLE }, async ({ rollcall, simulator }) => {
      const workers = await Promise.all([rollcall.startWorker(), rollcall.startWorker()]);
      const { status, stdout, stderr } = await rollcall.run('start-sync', '--wait');
      expect({ status, users: simulator.counts().users.active }).toEqual({ status: 0, users: PEOPLE });
      const refused = await rollcall.run('approve', '--plan', 'feedface', '--wait', '--json');
      expect(expectRefused(refused, 1)).toMatch(
        /^There is no held batch feedface of sync \S+; `plan` shows the open one\.$/,
      );
      expectNoSecret({ stdout, stderr, first: workers[0].log(), second: workers[1].log() });
      expect(await cutOff(rollcall)).toEqual({ status: '0', stderr: '' });
    }),
  TIMEOUT,
);

/** `rollcall runs | true`: the reader is gone before the first line. */
function cutOff({ configFile, env }: Rollcall): Promise<{ status: string; stderr: string }> {
  const client = join(builtProduct(), 'client/main.js');
  const line = `"${process.execPath}" "${client}" runs --config "${configFile}" | true; echo "\${PIPESTATUS[0]}"`;
  return new Promise((resolve) => {
    execFile('bash', ['-c', line], { env }, (_, stdout, stderr) => resolve({ status: stdout.trim(), stderr }));
  });
}

test.concurrent(
  'a mapping from an attribute that the directory lacks parks everybody and writes nobody',
  () =>
    staged({ mapping: { userName: 'noSuchAttribute', displayName: 'cn' } }, async ({ rollcall }) => {
      const worker = await rollcall.startWorker();
      const { status, report } = await rollcall.startSync();
      expect({ status, parked: report.changes.create.parked }).toEqual({ status: 3, parked: PEOPLE });
      const parked = JSON.parse((await rollcall.run('parked', '--json')).stdout) as { message: string }[];
      for (const { message } of parked) {
        expectSentence(message);
        expect(message).toMatch(/userName/);
      }
      expect(await failedChecks(rollcall)).toEqual({
        'directory corp-ldap: mapping': expect.stringMatching(/would be parked: .*userName/) as string,
      });
      await worker.kill();
    }),
  TIMEOUT,
);
