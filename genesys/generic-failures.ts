import type { ErrorCode } from '../model/errors.ts';

/** What is known of a refusal by a service of profile `generic`. */
export interface GenericRefusal {
  host: string;
  /** Status and the service's own codes. */
  labels: string;
  /** What it says, values masked; empty, or beginning with a comma. */
  detail: string;
}

/** One sentence for a refusal by a service that is not Genesys Cloud; of its roles and regions nothing is known. */
export function genericSentence(code: ErrorCode, { host, labels, detail }: GenericRefusal): string {
  const known: Partial<Record<ErrorCode, string>> = {
    'genesys.stale-version': `The user was changed at ${host} meanwhile (${labels}): he is read and compared again before the next try.`,
    'genesys.conflict': `The login, the external id or another value that must be unique is already in use at ${host} (${labels})${detail}: find the user who has it and free it there or in the directory.`,
    'genesys.unauthorized': `${host} did not accept a token that was just issued (${labels}): check that the OAuth client is active, and target.tokenUrl and target.auth.scope.`,
    'genesys.forbidden': `The OAuth client lacks a permission at ${host} (${labels})${detail}: give it the right to read and write users, or ask for its scope by target.auth.scope.`,
    'genesys.not-found': `${host} has no such user or resource (${labels}): check that target.baseUrl is the SCIM root, or restore the user there.`,
    'genesys.timeout': `${host} gave up waiting for the request (${labels}): check the network for slow or broken connections and try again.`,
    'genesys.throttled': `${host} has had too many requests (${labels}): wait as it asks, or lower target.requestsPerMinute.`,
    'genesys.server-error': `${host} failed at its own end (${labels}): try again later.`,
    'genesys.protocol': `${host} answered ${labels} without a SCIM error: check that target.baseUrl is the SCIM root and that no proxy answers in its place.`,
  };
  const otherwise = `${host} refused the request as invalid (${labels})${detail}: correct the value in the directory, or the mapping, and try again.`;
  return known[code] ?? otherwise;
}
