import type { DirectorySettings, Secret } from '../model/settings.ts';
import { milliseconds } from './durations.ts';
import { fail, keyOf } from './fault.ts';
import { readAuthorities } from './pem.ts';
import type { DirectoryConfig } from './schema.ts';
import { checkBindName, checkDn, checkFilter, checkRdnPattern, isLoopback } from './shapes.ts';

/** What building needs beside the checked values. */
export interface Build {
  /** Where relative paths start. */
  folder: string;
  secret(key: string): Secret;
  warn(sentence: string): void;
}

export function buildDirectories(configs: DirectoryConfig[], build: Build): DirectorySettings[] {
  const names = configs.map((config) => config.name.toLowerCase());
  const twice = names.findIndex((name, index) => names.indexOf(name) < index);
  if (twice >= 0) fail(`directories[${twice}].name`, 'stands there twice: give each directory its own name.');
  return configs.map((config, index) => buildDirectory(config, `directories[${index}]`, build));
}

function buildDirectory(config: DirectoryConfig, key: string, build: Build): DirectorySettings {
  const { name, tls, disabledWhen, startsAt } = config;
  checkScope(config, key);
  config.urls.forEach((url, index) => checkUrl(url, keyOf(`${key}.urls`, index), config, build));
  if (!tls.verify) build.warn(`TLS certificates of ${name} are not verified (${key}.tls.verify is false).`);
  return {
    name,
    urls: config.urls,
    startTls: config.startTls,
    tls: {
      ca: readAuthorities(tls.caFile, `${key}.tls.caFile`, build.folder),
      verify: tls.verify,
      serverName: tls.serverName ?? null,
    },
    allowPlain: config.allowPlainLdap,
    bindDn: config.bindDn,
    bindPassword: build.secret(`${key}.bindPassword`),
    bases: config.bases,
    filter: config.filter ?? null,
    exclude: config.exclude,
    disabledWhen:
      disabledWhen === undefined
        ? null
        : { attribute: disabledWhen.attribute, equals: disabledWhen.equals.map(directoryText) },
    startsAt: startsAt === undefined ? null : { attribute: startsAt.attribute, leadMs: milliseconds(startsAt.lead) },
    anchor: config.anchor ?? null,
    pageSize: config.pageSize,
  };
}

function checkScope(config: DirectoryConfig, key: string): void {
  checkBindName(config.bindDn, `${key}.bindDn`);
  config.bases.forEach((base, index) => checkDn(base, keyOf(`${key}.bases`, index)));
  config.exclude.forEach((pattern, index) => checkRdnPattern(pattern, keyOf(`${key}.exclude`, index)));
  if (config.filter !== undefined) checkFilter(config.filter, `${key}.filter`);
}

function checkUrl(text: string, key: string, config: DirectoryConfig, build: Build): void {
  const url = URL.canParse(text) ? new URL(text) : null;
  const known = url !== null && ['ldap:', 'ldaps:'].includes(url.protocol) && url.hostname !== '';
  if (!known || !['', '/'].includes(url.pathname) || url.username !== '' || url.search !== '') {
    fail(key, 'must be ldaps://host or ldap://host, with a port where it is not the usual one, and nothing after it.');
  }
  if (url.protocol === 'ldaps:' || config.startTls || isLoopback(url.hostname)) return;
  if (!config.allowPlainLdap) {
    fail(key, 'would send the password unencrypted: use ldaps://, or startTls: true, or say allowPlainLdap: true.');
  }
  build.warn(`The connection to ${url.host} of ${config.name} is not encrypted (allowPlainLdap is true).`);
}

/** YAML reads an unquoted TRUE as a Boolean; LDAP spells it in capitals. */
function directoryText(value: string | number | boolean): string {
  return typeof value === 'boolean' ? String(value).toUpperCase() : String(value);
}
