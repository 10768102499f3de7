import type { Simulator } from '../../simulator/start.ts';
import type { Slapd } from './slapd.ts';

/** More than any test sends: where the pace is not what a test is about. */
const UNLIMITED = 100_000;

/** The `directories` entry of a slapd. */
export function slapdDirectory(slapd: Slapd, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    name: 'corp-ldap',
    urls: [slapd.ldapsUrl],
    tls: { caFile: slapd.authority.certFile },
    bindDn: slapd.reader.dn,
    bindPassword: slapd.reader.password,
    bases: [slapd.agents],
    ...more,
  };
}

/** The `target` section of a simulator. */
export function simulatorTarget(simulator: Simulator, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    baseUrl: simulator.apiUrl,
    tokenUrl: simulator.tokenUrl,
    clientId: simulator.clientId,
    clientSecret: simulator.clientSecret,
    requestsPerMinute: UNLIMITED,
    indexLag: '1s',
    ...more,
  };
}

/** Options of a simulator that no test's pace runs into. */
export const UNPACED = { requestsPerMinute: UNLIMITED };
