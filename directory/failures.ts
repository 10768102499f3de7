import { ResultCodeError } from 'ldapts';
import { DirectoryError, type ErrorCode, RollcallError } from '../model/errors.ts';
import { ConnectionLost } from './connection.ts';

/** Where something failed; names the directory and server in the sentence. */
export interface Place {
  /** `directories[].name`. */
  directory: string;
  /** The url in use. */
  server: string;
  phase: 'connect' | 'bind' | 'read';
  /** The search base, where there is one. */
  base?: string;
}

interface Verdict {
  code: ErrorCode;
  /** The sentence after `directory NAME (URL): `, without its full stop. */
  text: string;
  retryable?: boolean;
}

/** Turns whatever the socket, TLS or the server threw into one sentence with its remedy. Errors of ours pass unchanged. */
export function directoryError(error: unknown, place: Place): RollcallError {
  if (error instanceof RollcallError) return error;
  const { code, text, retryable } = judge(error, place);
  return new DirectoryError(code, `Directory ${place.directory} (${place.server}): ${text}.`, {
    cause: error,
    retryable: retryable ?? false,
  });
}

/** Whether the server said that the base of a search is not there, or not for this account. */
export function isHidden(error: unknown): boolean {
  const answer = error instanceof RollcallError ? error.cause : error;
  return answer instanceof ResultCodeError && [NO_SUCH_OBJECT, INSUFFICIENT_ACCESS].includes(answer.code);
}

const NO_SUCH_OBJECT = 32;
const INSUFFICIENT_ACCESS = 50;

function judge(error: unknown, place: Place): Verdict {
  if (error instanceof ResultCodeError) return judgeResult(error, place);
  if (error instanceof ConnectionLost) return lost(error.message, place);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return certificateVerdict(code) ?? tlsVerdict(code) ?? socketVerdict(code, place) ?? lost(text(error), place);
}

function text(error: unknown): string {
  return error instanceof Error ? error.message.replace(/\s+/g, ' ').replace(/\.$/, '') : 'unknown failure';
}

const REMEDIES = {
  connect: 'check port and scheme (ldaps:// for 636, ldap:// with startTls for 389)',
  bind: 'check the server and the way to it',
  read: 'the read counts for nothing and must start anew',
} as const;

function lost(detail: string, { phase }: Place): Verdict {
  const code = phase === 'read' ? 'directory.interrupted' : 'directory.unreachable';
  return { code, text: `the connection was lost (${detail.replace(/\.$/, '')}); ${REMEDIES[phase]}`, retryable: true };
}

const CERTIFICATE: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "the server's certificate has expired; renew it on the server",
  CERT_NOT_YET_VALID: "the server's certificate is not valid yet; check the clocks of both sides",
  CERT_REVOKED: "the server's certificate is revoked; renew it on the server",
  ERR_TLS_CERT_ALTNAME_INVALID:
    "the server's certificate is made out to another name; use that name in the url or set tls.serverName",
  HOSTNAME_MISMATCH:
    "the server's certificate is made out to another name; use that name in the url or set tls.serverName",
};

/** OpenSSL's verdicts on a chain that ends at nobody we trust. */
const UNTRUSTED =
  /^(?:SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_(?:GET_ISSUER|VERIFY)|CERT_(?:UNTRUSTED|SIGNATURE|CHAIN|REJECTED)|INVALID_CA)/;

function certificateVerdict(code: string): Verdict | null {
  const known = CERTIFICATE[code];
  if (known !== undefined) return { code: 'directory.certificate', text: known };
  if (!UNTRUSTED.test(code)) return null;
  return {
    code: 'directory.certificate',
    text: "the server's certificate is not signed by a trusted authority; put the certificate of its authority into tls.caFile",
  };
}

function tlsVerdict(code: string): Verdict | null {
  if (/UNSUPPORTED_PROTOCOL|PROTOCOL_VERSION/.test(code)) {
    return { code: 'directory.unsupported', text: 'the server offers no TLS 1.2 or later; enable it there' };
  }
  if (/^ERR_OSSL_(?:PEM|ASN1|X509)/.test(code)) {
    return { code: 'directory.certificate', text: 'tls.caFile holds no certificate in PEM form; correct it' };
  }
  if (!code.startsWith('ERR_SSL') && code !== 'EPROTO') return null;
  return {
    code: 'directory.unreachable',
    text: `the server did not answer with TLS; ${REMEDIES.connect}`,
  };
}

const SOCKET: Readonly<Record<string, string>> = {
  ENOTFOUND: 'the host name is not known to DNS; check the url',
  EAI_AGAIN: 'DNS did not answer; check the name servers of this machine',
  ECONNREFUSED: 'nothing listens on that port; check port and server',
  EHOSTUNREACH: 'there is no way to the host; check network and firewall',
  ENETUNREACH: 'there is no way to the host; check network and firewall',
  ETIMEDOUT: 'the host does not answer; check network and firewall',
};

function socketVerdict(code: string, place: Place): Verdict | null {
  const known = SOCKET[code];
  if (known === undefined || place.phase === 'read') return null;
  return { code: 'directory.unreachable', text: known, retryable: true };
}

function judgeResult(error: ResultCodeError, place: Place): Verdict {
  if (place.phase === 'bind' && BIND_REFUSALS.has(error.code)) {
    return { code: 'directory.credentials', text: refusedBind(error.message) };
  }
  if (place.phase === 'connect' && error.code !== 51 && error.code !== 52) {
    return {
      code: 'directory.unsupported',
      text: 'the server refuses StartTLS; use an ldaps:// url or enable it there',
    };
  }
  const verdict = RESULTS[error.code]?.(place.base ?? '');
  return (
    verdict ?? { code: 'directory.refused', text: `the server answered with LDAP result ${error.code}; see its log` }
  );
}

/** noSuchObject, invalidDNSyntax, inappropriateAuthentication, invalidCredentials, unwillingToPerform. */
const BIND_REFUSALS: ReadonlySet<number> = new Set([32, 34, 48, 49, 53]);

/** The hexadecimal number after `data` in an AD refusal (Win32 error codes). */
const AD_REFUSALS: Readonly<Record<string, string>> = {
  '52e': 'the bind password is wrong, or the account unknown; correct bindPassword or bindDn',
  '525': 'the bind account does not exist; correct bindDn',
  '530': 'the bind account may not log on at this hour; change its logon hours',
  '531': 'the bind account may not log on from this machine; change its permitted workstations',
  '532': "the bind account's password has expired; set a new one",
  '533': 'the bind account is disabled; enable it',
  '701': 'the bind account has expired; extend it',
  '773': "the bind account must change its password first; set one without 'must change at next logon'",
  '775': 'the bind account is locked; unlock it and check bindPassword',
};

function refusedBind(message: string): string {
  const data = /\bdata ([0-9a-f]+)/i.exec(message)?.[1]?.toLowerCase();
  const known = data === undefined ? undefined : AD_REFUSALS[data];
  return known ?? 'the bind was refused; check bindDn and bindPassword';
}

const TLS_NEEDED = 'the server wants an encrypted connection; use an ldaps:// url or startTls: true';

const FILTER_REFUSED: Verdict = {
  code: 'directory.filter',
  text: 'the server cannot search by the filter; check its attributes and values',
};

/** What LDAP result codes (RFC 4511, appendix A) mean for a read, and what to do about them. */
const RESULTS: Readonly<Record<number, (base: string) => Verdict>> = {
  1: () => ({ code: 'directory.refused', text: 'the server failed on the request (operationsError); see its log' }),
  3: () => ({
    code: 'directory.time-limit',
    text: "the server's time limit cut the read; ask for a longer time limit for the bind account, or index what the filter uses",
    retryable: true,
  }),
  4: () => ({
    code: 'directory.size-limit',
    text: "the server's size limit cut the read; ask for an unlimited size limit for the bind account",
  }),
  8: () => ({ code: 'directory.refused', text: TLS_NEEDED }),
  10: (base) => ({
    code: 'directory.base-missing',
    text: `the server does not hold the base ${base} and refers to another; correct it, or use the url of the server that holds it`,
  }),
  11: () => ({
    code: 'directory.size-limit',
    text: "the server's administrative limit cut the read; ask for an unlimited size limit for the bind account",
  }),
  12: () => ({
    code: 'directory.unsupported',
    text: 'the server does not know paged results (RFC 2696); enable them there',
  }),
  13: () => ({ code: 'directory.refused', text: TLS_NEEDED }),
  17: () => FILTER_REFUSED,
  18: () => FILTER_REFUSED,
  21: () => FILTER_REFUSED,
  32: (base) => ({
    code: 'directory.base-missing',
    text: `the base ${base} does not exist or is hidden from the bind account; correct bases or grant it the right to read`,
  }),
  34: (base) => ({ code: 'directory.base-missing', text: `the base ${base} is no valid DN; correct bases` }),
  50: (base) => ({
    code: 'directory.refused',
    text: `the bind account may not read below ${base}; grant it the right to read`,
  }),
  51: () => ({ code: 'directory.interrupted', text: 'the server is too busy; try again later', retryable: true }),
  52: () => ({
    code: 'directory.interrupted',
    text: 'the server is shutting down or not ready; try again later',
    retryable: true,
  }),
};
