import { GenesysError } from '../model/errors.ts';
import type { ErrorCode } from '../model/errors.ts';
import type { ProfileName } from '../model/profile.ts';
import type { ErrorBody } from './error-body.ts';
import { correlationIdOf, readErrorBody } from './error-body.ts';
import { codeOf } from './exchange.ts';
import type { Answered, Outcome, Silence, Unanswered } from './exchange.ts';
import { genericSentence } from './generic-failures.ts';
import { maskValues } from './masking.ts';
import { waitAskedFor } from './rate-limit.ts';

/** What was asked, as far as an error has to know. */
export interface Asked {
  /** True when the request changes something: only then an outcome can be unknown. */
  write: boolean;
  /** Host and port, for the sentence. */
  host: string;
  /** Values in the request, kept out of every message. */
  values: readonly string[];
  /** Which keys of the configuration name the host. Default: those of the API. */
  keys?: string;
  /** The kind of service. Default: Genesys Cloud. */
  profile?: ProfileName;
}

const API_KEYS = 'target.region or target.baseUrl';

/** The error for an outcome that is not the wanted answer: one code, one sentence with cause and remedy. */
export function failureOf(outcome: Outcome, asked: Asked): GenesysError {
  return outcome.kind === 'answered' ? refusal(outcome, asked) : silence(outcome, asked);
}

/** The error for a success whose body is not what it should be, such as a proxy's page or JSON cut short. */
export function unreadable(answer: Answered, asked: Asked, expected: string): GenesysError {
  const right =
    asked.profile === 'generic'
      ? 'target.baseUrl is the SCIM root and target.tokenUrl its token service'
      : `${asked.keys ?? API_KEYS} names a host of a Genesys Cloud region`;
  const message = `${asked.host} answered ${answer.status} without ${expected}: check that ${right} and that no proxy answers in its place.`;
  return new GenesysError('genesys.protocol', message, {
    status: answer.status,
    correlationId: correlationIdOf(answer, readErrorBody(answer)),
    retryable: true,
    unknownOutcome: asked.write,
  });
}

/** The error for credentials that are refused again and again, or by the token service itself. */
export function badCredentials(detail: string, profile: ProfileName, answer?: Answered): GenesysError {
  const message =
    profile === 'generic'
      ? `The service does not accept the OAuth client (${detail}): check target.clientId, target.clientSecret, target.tokenUrl and target.auth (style and scope), and that the client may use the grant type Client Credentials.`
      : `Genesys Cloud does not accept the OAuth client (${detail}): check GENESYS_CLIENT_ID and GENESYS_CLIENT_SECRET (target.clientId and target.clientSecret), and that the client is active, of grant type Client Credentials and of this region.`;
  return new GenesysError('genesys.credentials', message, {
    status: answer?.status ?? null,
    correlationId: answer === undefined ? null : correlationIdOf(answer, readErrorBody(answer)),
  });
}

function refusal(answer: Answered, asked: Asked): GenesysError {
  const body = readErrorBody(answer);
  const code = refusalCode(answer.status, body);
  const retryAfterMs = waitAskedFor(answer);
  return new GenesysError(code, sentenceOf(code, answer, body, asked), {
    status: answer.status,
    scimType: body.scimType,
    correlationId: correlationIdOf(answer, body),
    retryable: isRetryable(code, answer.status),
    unknownOutcome: asked.write && mayBeDone(answer.status),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

function refusalCode(status: number, body: ErrorBody): ErrorCode {
  if (isStaleVersion(status, body)) return 'genesys.stale-version';
  if (status === 409 || body.scimType === 'uniqueness') return 'genesys.conflict';
  if (status === 400 && body.code === 'general.conflict') return 'genesys.conflict';
  if (status === 401) return 'genesys.unauthorized';
  if (status === 403) return 'genesys.forbidden';
  // A page of a wrong host must never read as "this user does not exist".
  if (status === 404) return body.shape === 'none' ? 'genesys.protocol' : 'genesys.not-found';
  if (status === 408) return 'genesys.timeout';
  if (status === 429) return 'genesys.throttled';
  if (status >= 500) return 'genesys.server-error';
  return status >= 400 ? 'genesys.invalid' : 'genesys.protocol';
}

/**
 * Genesys' own sources give three forms of a stale `If-Match`, and version clashes come without it too: 400 `invalidVers`,
 * 409 "Version does not match current version.", 412, and 400 "... does not match the current version".
 */
function isStaleVersion(status: number, body: ErrorBody): boolean {
  if (status === 412) return true;
  if (status !== 400 && status !== 409) return false;
  return (
    body.scimType === 'invalidVers' ||
    /version does not match|does not match (the )?current version/i.test(body.message)
  );
}

function isRetryable(code: ErrorCode, status: number): boolean {
  if (code === 'genesys.server-error') return status !== 501 && status !== 505;
  return ['genesys.stale-version', 'genesys.throttled', 'genesys.timeout', 'genesys.unauthorized'].includes(code);
}

/** Whether a write answered so may have been carried out: 4xx says no; a redirect, a gateway or a crash says nothing. */
function mayBeDone(status: number): boolean {
  return status < 400 || status === 408 || (status >= 500 && status !== 501 && status !== 505);
}

function sentenceOf(code: ErrorCode, answer: Answered, body: ErrorBody, asked: Asked): string {
  if (asked.profile !== 'generic') return sentences(answer, body, asked)[code] ?? refused(answer, body, asked);
  const refusal = { host: asked.host, labels: labelsOf(answer, body), detail: detailOf(body, asked) };
  return genericSentence(code, refusal);
}

/** One sentence a code; those not here get {@link refused}. */
function sentences(answer: Answered, body: ErrorBody, asked: Asked): Partial<Record<ErrorCode, string>> {
  const { host } = asked;
  const labels = labelsOf(answer, body);
  return {
    'genesys.stale-version': `The user was changed in Genesys Cloud meanwhile (${labels}): he is read and compared again before the next try.`,
    'genesys.conflict': `The login, an external id or another value that must be unique is already in use in Genesys Cloud (${labels})${detailOf(body, asked)}: find the user who has it, active or inactive, and free it there or in the directory.`,
    'genesys.unauthorized': unauthorized(labels, body),
    'genesys.forbidden': forbidden(labels, body, asked),
    'genesys.not-found': `Genesys Cloud has no such user (${labels}): he was deleted there, or belongs to another organisation; restore him, or unlink him so that he is created again.`,
    'genesys.timeout': `${host} gave up waiting for the request (${labels}): check the network for slow or broken connections and try again.`,
    'genesys.throttled': `Genesys Cloud has had too many requests of this OAuth client (${labels}): wait as it asks, lower target.requestsPerMinute, or give every tool an OAuth client of its own.`,
    'genesys.server-error': `Genesys Cloud failed at its own end (${labels}): try again later, and name the correlation id to its support if this goes on.`,
    'genesys.protocol': `${host} answered ${answer.status} without an error of Genesys Cloud: check that ${asked.keys ?? API_KEYS} names a host of a Genesys Cloud region and that no proxy answers in its place.`,
  };
}

function refused(answer: Answered, body: ErrorBody, asked: Asked): string {
  const labels = labelsOf(answer, body);
  if (answer.status === 413) {
    return `The request is larger than Genesys Cloud accepts (${labels}): map fewer or shorter values for this user.`;
  }
  if (answer.status === 415) {
    return `${asked.host} does not accept application/scim+json (${labels}): check that target.region or target.baseUrl names the API of a Genesys Cloud region.`;
  }
  const remedy = asked.write
    ? 'correct the value in the directory, or the mapping, and try again'
    : 'the service does not support this look-up; check that target.baseUrl names Genesys Cloud';
  return `Genesys Cloud refused the request as invalid (${labels})${detailOf(body, asked)}: ${remedy}.`;
}

function unauthorized(labels: string, body: ErrorBody): string {
  if (body.code === 'ip.not.authorized') {
    return `Genesys Cloud does not accept this machine's address (${labels}): add it to the organisation's list of allowed addresses.`;
  }
  return `Genesys Cloud did not accept a token it had just issued (${labels}): check that the OAuth client is active and belongs to this region and organisation.`;
}

/** Permissions look like `directory:user:add`. */
function forbidden(labels: string, body: ErrorBody, asked: Asked): string {
  if (body.shape === 'none') {
    return `${asked.host} answered 403 without an error of Genesys Cloud: check that no proxy or firewall stands in the way.`;
  }
  if (body.code === 'app.not.authorized.for.scope') {
    return `The OAuth client lacks the scope "scim" (${labels}): use a client of grant type Client Credentials with the role "SCIM Integration".`;
  }
  const permissions = [...new Set(body.message.match(/\b[a-zA-Z]+:[a-zA-Z]+:[a-zA-Z*]+/g))].slice(0, 10);
  const missing = permissions.length === 0 ? 'a permission' : `a permission (one of ${permissions.join(', ')})`;
  return `The OAuth client lacks ${missing} in Genesys Cloud (${labels}): give it the role "SCIM Integration" in every division that is to be kept in step.`;
}

/** Status and the service's own codes, such as `400 invalidValue`. */
function labelsOf(answer: Answered, body: ErrorBody): string {
  return [String(answer.status), body.scimType, body.code].filter((label) => label !== null).join(' ');
}

function detailOf(body: ErrorBody, asked: Asked): string {
  const detail = maskValues(body.message, asked.values).replace(/[.:;\s]+$/, '');
  return detail === '' ? '' : `, saying: ${detail}`;
}

function silence(outcome: Unanswered, asked: Asked): GenesysError {
  const { host, keys = API_KEYS } = asked;
  const code = codeOf(outcome.error);
  const cause = code === '' ? '' : ` (${code})`;
  const sentence: Record<Silence, string> = {
    timeout: outcome.sent
      ? `${host} gave no answer in time: try again, and check the network and the status page of Genesys Cloud if this goes on.`
      : `No connection to ${host} in time${cause}: check ${keys}, the network and the firewall.`,
    lost: `The connection to ${host} was lost before the answer was complete${cause}: check the network and try again.`,
    refused: `No connection to ${host}${cause}: check ${keys}, the network and the firewall.`,
    'unknown-host': `The host ${host} is unknown${cause}: check ${keys} (a region is a domain of Genesys Cloud such as mypurecloud.ie) and this machine's name resolution.`,
    certificate: badCertificate(code, { host, keys }),
    tls: `No TLS connection to ${host}${cause}: check that the address speaks https and that no proxy interferes.`,
    garbled: `${host} does not answer in HTTP${cause}: check ${keys}, and whether it takes https.`,
    'too-large': `The answer of ${host} is larger than 20 MB: check that ${keys} names a host of a Genesys Cloud region.`,
    closed: `The connection to ${host} is closed because this process is ending: the work goes on when a worker runs again.`,
  };
  return new GenesysError(silenceCode(outcome), sentence[outcome.reason], {
    retryable: outcome.reason !== 'certificate' && outcome.reason !== 'tls',
    unknownOutcome: asked.write && outcome.sent,
  });
}

function badCertificate(code: string, { host, keys }: { host: string; keys: string }): string {
  if (code === 'CERT_HAS_EXPIRED') {
    return `The TLS certificate of ${host} has expired: have it renewed on the server, and check this machine's clock.`;
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return `The TLS certificate of ${host} is made out to another name: use that name in ${keys}.`;
  }
  return `The TLS certificate of ${host} is not signed by a trusted authority (${code}): put the certificate of its authority into target.caFile, or check that no proxy interferes.`;
}

function silenceCode(outcome: Unanswered): ErrorCode {
  if (outcome.reason === 'certificate') return 'genesys.certificate';
  if (outcome.reason === 'garbled' || outcome.reason === 'too-large') return 'genesys.protocol';
  return outcome.reason === 'timeout' && outcome.sent ? 'genesys.timeout' : 'genesys.unreachable';
}
