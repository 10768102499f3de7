import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSimulator, type FaultRule, type Simulator, type SimulatorOptions } from '../simulator/start.ts';
import { atMost, expectSentence, failedChecks, failedRun, listenSilently, PLANTED } from './support/bad-input.ts';
import { makeCa, makeServerCert } from './support/certificates.ts';
import { simulatorTarget, slapdDirectory, UNPACED } from './support/configuration.ts';
import { sendJson, startHttpServer, type HttpServer } from './support/http-server.ts';
import { ldifPeople } from './support/ldif.ts';
import { Rollcall } from './support/rollcall.ts';
import { startSlapd, type Slapd } from './support/slapd.ts';

const TIMEOUT = 600_000;
const PEOPLE = 5;
const inTurn = atMost(2);
const folder = mkdtempSync(join(tmpdir(), 'rollcall-bad-genesys-'));
let slapd: Slapd;
let untrusted: HttpServer;
let elsewhere: HttpServer;

beforeAll(async () => {
  const authority = await makeCa(folder);
  const { certFile, keyFile } = await makeServerCert(authority, folder);
  const tls = { cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') };
  slapd = await startSlapd({ ldif: ldifPeople(PEOPLE, 'ou=Agents,dc=corp,dc=example') });
  untrusted = await startHttpServer((_, response) => sendJson(response, 200, {}), tls);
  elsewhere = await startHttpServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end('<html><h1>Welcome to our intranet</h1></html>');
  });
});

afterAll(async () => {
  await Promise.all([slapd?.stop(), untrusted?.close(), elsewhere?.close()]);
  rmSync(folder, { recursive: true, force: true });
});

interface Case {
  options?: Partial<SimulatorOptions>;
  faults?: FaultRule[];
  target?: () => Record<string, unknown>;
  /** The part of `check` that fails. */
  part: 'token' | 'SCIM read';
  sentence: RegExp;
}

const REFUSED_CLIENT =
  /check GENESYS_CLIENT_ID and GENESYS_CLIENT_SECRET \(target\.clientId and target\.clientSecret\)/;
const wrongSecret = () => ({ clientSecret: `${PLANTED.clientSecret}-wrong` });

const RUNS: [string, Case][] = [
  ['a wrong client secret, answered with 400', { target: wrongSecret, part: 'token', sentence: REFUSED_CLIENT }],
  [
    'a role that may not read users',
    {
      faults: [{ effect: { kind: 'status', status: 403 }, method: 'GET', count: null }],
      part: 'SCIM read',
      sentence: /The OAuth client lacks .* give it the role "SCIM Integration" in every division/,
    },
  ],
  [
    'a server of somebody else, which answers with a web page',
    {
      target: () => ({ baseUrl: elsewhere.origin }),
      part: 'SCIM read',
      sentence: /answered 200 without a list of SCIM users: check that target\.region or target\.baseUrl names/,
    },
  ],
  [
    'a certificate of an unknown authority',
    {
      target: () => ({ baseUrl: untrusted.origin }),
      part: 'SCIM read',
      sentence: /not signed by a trusted authority \(\w+\): put the certificate of its authority into target\.caFile/,
    },
  ],
  [
    'a login host where nothing listens',
    {
      target: () => ({ tokenUrl: 'http://127.0.0.1:1/oauth/token' }),
      part: 'token',
      sentence: /No connection to 127\.0\.0\.1:1 \(ECONNREFUSED\): check .*target\.tokenUrl, the network/,
    },
  ],
  [
    'an API that answers 500 for ever',
    {
      faults: [{ effect: { kind: 'status', status: 500 }, count: null }],
      part: 'SCIM read',
      sentence: /failed at its own end \(500.*\): try again later, and name the correlation id to its support/,
    },
  ],
];

const CHECKS: [string, Case][] = [
  [
    'a wrong client secret, answered with 401',
    { options: { invalidClientStatus: 401 }, target: wrongSecret, part: 'token', sentence: REFUSED_CLIENT },
  ],
  [
    'an unknown API host',
    {
      target: () => ({ baseUrl: 'https://api.nowhere.invalid' }),
      part: 'SCIM read',
      sentence: /The host api\.nowhere\.invalid is unknown .*: check target\.region or target\.baseUrl/,
    },
  ],
  [
    'a token endpoint that answers with a web page',
    {
      target: () => ({ tokenUrl: `${elsewhere.origin}/oauth/token` }),
      part: 'token',
      sentence: /answered 200 without a token: check that .*target\.tokenUrl names/,
    },
  ],
  [
    'a token that the API never accepts',
    {
      faults: [{ effect: { kind: 'revoke-tokens' }, count: null }],
      part: 'SCIM read',
      sentence: /did not accept a token it had just issued|does not accept the OAuth client/,
    },
  ],
];

/** Gives the case's installation and simulator to `work`, and makes sure that nobody was written. */
async function staged(one: Case, work: (rollcall: Rollcall) => Promise<void>): Promise<void> {
  const simulator = await startSimulator({ ...UNPACED, clientSecret: PLANTED.clientSecret, ...one.options });
  one.faults?.forEach((rule) => simulator.faults.add(rule));
  const rollcall = installation(simulator, one.target?.());
  try {
    await work(rollcall);
    expect(simulator.counts()).toMatchObject({ write: 0, deletes: 0 });
  } finally {
    await rollcall.close();
    await simulator.stop();
  }
}

function installation(simulator: Simulator, target: Record<string, unknown> = {}): Rollcall {
  return new Rollcall({
    directories: [slapdDirectory(slapd)],
    target: simulatorTarget(simulator, target),
    safety: { firstRun: 'apply' },
  });
}

test.concurrent.each(RUNS)(
  '%s fails the run in one sentence',
  (_, one) =>
    inTurn(() =>
      staged(one, async (rollcall) => {
        const report = await failedRun(rollcall);
        expect(report.error).toMatch(one.sentence);
        expect(report.directory).toMatchObject({ read: PEOPLE, complete: true });
      }),
    ),
  TIMEOUT,
);

test.concurrent.each(CHECKS)(
  '%s is found by check',
  (_, one) =>
    inTurn(() =>
      staged(one, async (rollcall) => {
        const { worker, ...failed } = await failedChecks(rollcall);
        expect(worker).toContain('No worker is running');
        expect(failed).toEqual({ [`genesys: ${one.part}`]: expect.stringMatching(one.sentence) as string });
      }),
    ),
  TIMEOUT,
);

test.concurrent(
  'a login host that never answers fails the run within its time',
  () =>
    inTurn(async () => {
      const silent = await listenSilently();
      const target = () => ({ tokenUrl: `http://127.0.0.1:${silent.port}/oauth/token` });
      try {
        await staged({ target, part: 'token', sentence: /./ }, async (rollcall) => {
          expect((await failedRun(rollcall)).error).toMatch(/gave no answer in time/);
        });
      } finally {
        await silent.close();
      }
    }),
  TIMEOUT,
);

test.concurrent(
  'a missing permission to add users parks each of them, and all are there once it is granted',
  () =>
    inTurn(async () => {
      const simulator = await startSimulator({ ...UNPACED, permissions: ['directory:user:edit'] });
      const rollcall = installation(simulator);
      try {
        await rollcall.startWorker();
        const { status, report } = await rollcall.startSync();
        expect({ status, ...report.changes.create }).toMatchObject({ status: 3, planned: PEOPLE, parked: PEOPLE });
        const parked = JSON.parse((await rollcall.run('parked', '--json')).stdout) as { message: string }[];
        expect(parked).toHaveLength(PEOPLE);
        for (const { message } of parked) {
          expectSentence(message);
          expect(message).toMatch(/directory:user:add.*give it the role "SCIM Integration"/);
        }
        simulator.set({ permissions: ['directory:user:add', 'directory:user:edit'] });
        const { status: retried } = await rollcall.run('retry-failed', '--wait', '--json');
        expect({ retried, users: simulator.counts().users.active }).toEqual({ retried: 0, users: PEOPLE });
      } finally {
        await rollcall.close();
        await simulator.stop();
      }
    }),
  TIMEOUT,
);
