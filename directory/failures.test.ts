import { InvalidCredentialsError, StatusCodeParser, BindResponse } from 'ldapts';
import { describe, expect, it } from 'vitest';
import { ConfigError, type ErrorCode } from '../model/errors.ts';
import { ConnectionLost } from './connection.ts';
import { directoryError, isHidden, type Place } from './failures.ts';

const PLACE = { directory: 'corp-ad', server: 'ldaps://dc1', base: 'OU=Agents' };

function told(error: unknown, phase: Place['phase']) {
  const { code, message, retryable } = directoryError(error, { ...PLACE, phase });
  return { code, message, retryable };
}

function result(status: number, errorMessage = 'secret diagnostics') {
  return StatusCodeParser.parse(new BindResponse({ messageId: 1, status, errorMessage }));
}

function withCode(code: string): Error {
  return Object.assign(new Error('low-level text'), { code });
}

describe('a refused bind of AD says why', () => {
  it.each([
    ['52e', 'password is wrong'],
    ['525', 'does not exist'],
    ['530', 'at this hour'],
    ['531', 'from this machine'],
    ['532', 'password has expired'],
    ['533', 'is disabled'],
    ['701', 'account has expired'],
    ['773', 'must change its password'],
    ['775', 'is locked'],
  ])('data %s: %s', (data, text) => {
    const error = new InvalidCredentialsError(
      `80090308: LdapErr: DSID-0C09042A, comment: AcceptSecurityContext error, data ${data}, v2580`,
    );
    const { code, message, retryable } = told(error, 'bind');
    expect({ code, retryable }).toEqual({ code: 'directory.credentials', retryable: false });
    expect(message).toContain(text);
  });
});

describe('a result code has a sentence with its remedy', () => {
  it.each<[number, Place['phase'], ErrorCode, boolean, string]>([
    [49, 'bind', 'directory.credentials', false, 'check bindDn and bindPassword'],
    [34, 'bind', 'directory.credentials', false, 'check bindDn'],
    [8, 'bind', 'directory.refused', false, 'startTls: true'],
    [13, 'bind', 'directory.refused', false, 'startTls: true'],
    [2, 'connect', 'directory.unsupported', false, 'refuses StartTLS'],
    [52, 'connect', 'directory.interrupted', true, 'try again later'],
    [3, 'read', 'directory.time-limit', true, 'time limit'],
    [4, 'read', 'directory.size-limit', false, 'ask for an unlimited size limit for the bind account'],
    [10, 'read', 'directory.base-missing', false, 'refers to another'],
    [11, 'read', 'directory.size-limit', false, 'administrative limit'],
    [12, 'read', 'directory.unsupported', false, 'paged results'],
    [18, 'read', 'directory.filter', false, 'cannot search by the filter'],
    [32, 'read', 'directory.base-missing', false, 'the base OU=Agents does not exist'],
    [34, 'read', 'directory.base-missing', false, 'no valid DN'],
    [50, 'read', 'directory.refused', false, 'grant it the right to read'],
    [51, 'read', 'directory.interrupted', true, 'too busy'],
    [52, 'read', 'directory.interrupted', true, 'not ready'],
    [80, 'read', 'directory.refused', false, 'LDAP result 80'],
  ])('%i while %s: %s', (status, phase, code, retryable, text) => {
    const verdict = told(result(status), phase);
    expect(verdict).toMatchObject({ code, retryable });
    expect(verdict.message).toContain(text);
    expect(verdict.message).toMatch(/^Directory corp-ad \(ldaps:\/\/dc1\): [^\n]*\.$/);
    expect(verdict.message).not.toContain('secret diagnostics');
  });
});

describe('a socket error has a sentence with its remedy', () => {
  it.each<[string, ErrorCode, string]>([
    ['ENOTFOUND', 'directory.unreachable', 'not known to DNS'],
    ['EAI_AGAIN', 'directory.unreachable', 'DNS did not answer'],
    ['ECONNREFUSED', 'directory.unreachable', 'nothing listens'],
    ['EHOSTUNREACH', 'directory.unreachable', 'no way to the host'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'directory.certificate', 'tls.caFile'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'directory.certificate', 'tls.caFile'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'directory.certificate', 'tls.caFile'],
    ['CERT_HAS_EXPIRED', 'directory.certificate', 'has expired'],
    ['CERT_NOT_YET_VALID', 'directory.certificate', 'not valid yet'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'directory.certificate', 'another name'],
    ['ERR_OSSL_PEM_NO_START_LINE', 'directory.certificate', 'PEM'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'directory.unreachable', 'did not answer with TLS'],
    ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'directory.unsupported', 'TLS 1.2'],
  ])('%s', (low, code, text) => {
    const verdict = told(withCode(low), 'connect');
    expect(verdict.code).toBe(code);
    expect(verdict.message).toContain(text);
  });

  it('a connection lost in a read interrupts it, and trying again helps', () => {
    for (const error of [
      withCode('ECONNRESET'),
      withCode('ETIMEDOUT'),
      new ConnectionLost('The server closed the connection.'),
    ]) {
      expect(told(error, 'read')).toMatchObject({ code: 'directory.interrupted', retryable: true });
    }
  });
});

it('errors of ours pass unchanged', () => {
  const error = new ConfigError('x');
  expect(directoryError(error, { ...PLACE, phase: 'read' })).toBe(error);
});

it('only a missing base and missing rights count as hidden', () => {
  const hidden = (status: number) => isHidden(directoryError(result(status), { ...PLACE, phase: 'read' }));
  expect([32, 50].map(hidden)).toEqual([true, true]);
  expect([4, 10, 51, 80].map(hidden)).toEqual([false, false, false, false]);
});
