import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSimulator, type Simulator } from '../simulator/start.ts';
import { atMost, failedChecks, failedRun, listenSilently, PLANTED, type SilentServer } from './support/bad-input.ts';
import { simulatorTarget, slapdDirectory, UNPACED } from './support/configuration.ts';
import { ldifPeople } from './support/ldif.ts';
import { Rollcall } from './support/rollcall.ts';
import { startSlapd, type Slapd } from './support/slapd.ts';

const TIMEOUT = 600_000;
const inTurn = atMost(2);
let slapd: Slapd;
let expired: Slapd;
let misnamed: Slapd;
let silent: SilentServer;
let simulator: Simulator;

beforeAll(async () => {
  const ldif = ldifPeople(20, 'ou=Agents,dc=corp,dc=example');
  [slapd, expired, misnamed, silent, simulator] = await Promise.all([
    startSlapd({ ldif, sizeLimit: 5 }),
    startSlapd({ validCertificate: false }),
    startSlapd({ certificateHosts: ['ldap.corp.example'] }),
    listenSilently(),
    startSimulator({ ...UNPACED, clientSecret: PLANTED.clientSecret }),
  ]);
});

afterAll(async () => {
  await Promise.all([slapd, expired, misnamed].map((server) => server?.stop()));
  await silent?.close();
  await simulator?.stop();
});

type Json = Record<string, unknown>;

/** What the directory section says instead, the part of `check` that fails, and the sentence. */
const CASES: [string, () => Json, string, RegExp][] = [
  [
    'a port where nothing listens',
    () => ({ urls: ['ldaps://127.0.0.1:1'] }),
    'bind',
    /nothing listens on that port; check port and server\.$/,
  ],
  [
    'a server that never answers',
    () => ({ urls: [`ldaps://127.0.0.1:${silent.port}`] }),
    'bind',
    /no answer within 20 s; check the server and the way to it\.$/,
  ],
  [
    'an unknown host',
    () => ({ urls: ['ldaps://dc1.nowhere.invalid'] }),
    'bind',
    /\(ldaps:\/\/dc1\.nowhere\.invalid\): (the host name is not known to DNS; check the url|DNS did not answer)/,
  ],
  [
    'a certificate of another authority',
    () => ({ tls: { caFile: expired.authority.certFile } }),
    'bind',
    /not signed by a trusted authority; put the certificate of its authority into tls\.caFile\.$/,
  ],
  ['an expired certificate', () => slapdDirectory(expired), 'bind', /has expired; renew it on the server\.$/],
  [
    'a certificate for another name',
    () => slapdDirectory(misnamed),
    'bind',
    /made out to another name; use that name in the url or set tls\.serverName\.$/,
  ],
  [
    'plain LDAP on the port of LDAPS',
    () => ({ urls: [slapd.url.replace('ldap:', 'ldaps:')] }),
    'bind',
    /check port and scheme/,
  ],
  [
    'a wrong bind password',
    () => ({ bindPassword: PLANTED.bindPassword }),
    'bind',
    /the bind was refused; check bindDn and bindPassword\.$/,
  ],
  [
    'a base that is missing',
    () => ({ bases: ['ou=Nowhere,dc=corp,dc=example'] }),
    'search',
    /the base ou=Nowhere,dc=corp,dc=example does not exist or is hidden .*; correct bases or grant/,
  ],
  [
    'a size limit',
    () => ({ bindDn: slapd.limited.dn, bindPassword: slapd.limited.password }),
    'search',
    /size limit cut the read; ask for an unlimited size limit for the bind account\.$/,
  ],
  ['a filter that finds nobody', () => ({ filter: '(departmentNumber=none)' }), 'search', /filter/],
];

/** What a run meets first; the others end it by the same way. */
const RUNS = [
  'a port where nothing listens',
  'a server that never answers',
  'a certificate of another authority',
  'a wrong bind password',
  'a base that is missing',
  'a size limit',
  'a filter that finds nobody',
];

function installation(directories: Json[]): Rollcall {
  return new Rollcall({ directories, target: simulatorTarget(simulator), safety: { firstRun: 'apply' } });
}

test.concurrent.each(CASES.filter(([name]) => RUNS.includes(name)))(
  '%s fails the run in one sentence',
  async (_, changes, _part, sentence) => {
    await inTurn(async () => {
      const rollcall = installation([slapdDirectory(slapd, changes())]);
      try {
        const report = await failedRun(rollcall);
        expect(report.error).toMatch(sentence);
        expect(report.directory.complete).toBe(false);
      } finally {
        await rollcall.close();
      }
    });
  },
  TIMEOUT,
);

test.concurrent(
  'check names each of them, directory by directory',
  async () => {
    await inTurn(async () => {
      const directories = CASES.map(([, changes], index) => slapdDirectory(slapd, { ...changes(), name: `d${index}` }));
      const rollcall = installation(directories);
      try {
        const { worker, ...failed } = await failedChecks(rollcall);
        expect(worker).toContain('No worker is running');
        const expected = CASES.map(([, , part, sentence], index) => [
          `directory d${index}: ${part}`,
          expect.stringMatching(sentence) as string,
        ]);
        expect(failed).toEqual(Object.fromEntries(expected));
      } finally {
        await rollcall.close();
      }
    });
  },
  TIMEOUT,
);

test('none of them wrote anything to Genesys Cloud', () => {
  expect(simulator.counts()).toMatchObject({ write: 0, deletes: 0 });
});
