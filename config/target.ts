import { PROFILES } from '../model/profile.ts';
import type { TargetSettings } from '../model/settings.ts';
import type { Build } from './directories.ts';
import { milliseconds } from './durations.ts';
import { fail } from './fault.ts';
import { readAuthorities } from './pem.ts';
import { regionOrigin } from './regions.ts';
import type { Config } from './schema.ts';
import { isLoopback } from './shapes.ts';

type TargetConfig = Config['target'];

export function buildTarget(config: TargetConfig, build: Build): TargetSettings {
  const baseUrl = PROFILES[config.profile].rooted ? readRoot(config) : readOrigin(config);
  const tokenUrl = config.tokenUrl ?? defaultTokenUrl(baseUrl);
  checkTransport(baseUrl, 'target.baseUrl', config, build);
  checkTransport(checkUrl(tokenUrl, 'target.tokenUrl').href, 'target.tokenUrl', config, build);
  return {
    baseUrl,
    tokenUrl,
    profile: config.profile,
    ca: readAuthorities(config.caFile, 'target.caFile', build.folder),
    clientId: build.secret('target.clientId'),
    clientSecret: build.secret('target.clientSecret'),
    auth: { style: config.auth.style, scope: config.auth.scope ?? null },
    requestsPerMinute: config.requestsPerMinute,
    indexLagMs: milliseconds(config.indexLag),
    protect: config.protect,
    grantableRoles: config.grantableRoles,
    drift: config.drift,
    allowPlain: config.allowPlainHttp,
  };
}

/** The SCIM root of a service of any kind, such as `https://scim.example/scim/v2`. */
function readRoot({ region, baseUrl }: TargetConfig): string {
  if (region !== undefined) fail('target.region', 'belongs to profile genesys: write the SCIM root as baseUrl.');
  if (baseUrl === undefined) fail('target', 'needs baseUrl: the SCIM root, such as https://scim.example/scim/v2.');
  const url = checkUrl(baseUrl, 'target.baseUrl');
  if (url.search !== '') fail('target.baseUrl', 'must be the SCIM root alone, without a query.');
  if (/\/Users\/?$/i.test(url.pathname)) fail('target.baseUrl', 'must be the SCIM root: Rollcall adds /Users itself.');
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

function readOrigin({ region, baseUrl }: TargetConfig): string {
  if (region !== undefined && baseUrl !== undefined) {
    fail('target', 'has both region and baseUrl: keep the one you mean.');
  }
  if (region !== undefined) return regionOrigin(region, 'target.region');
  if (baseUrl === undefined) fail('target', 'needs region, such as mypurecloud.ie, or baseUrl.');
  const url = checkUrl(baseUrl, 'target.baseUrl');
  if (url.pathname !== '/' || url.search !== '') {
    fail('target.baseUrl', `must be the origin alone, ${url.origin}: Rollcall adds the path.`);
  }
  return url.origin;
}

/** The login host of an API host, as the vendor's own SDKs derive it; any other origin serves tokens itself. */
function defaultTokenUrl(baseUrl: string): string {
  return `${new URL(baseUrl).origin.replace('//api.', '//login.')}/oauth/token`;
}

function checkUrl(text: string, key: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  const usable = url !== null && ['http:', 'https:'].includes(url.protocol) && url.username === '' && url.hash === '';
  return usable ? url : fail(key, 'must be a URL such as https://api.mypurecloud.ie, without user name and fragment.');
}

function checkTransport(url: string, key: string, config: TargetConfig, build: Build): void {
  const { protocol, hostname, host } = new URL(url);
  if (protocol === 'https:' || isLoopback(hostname)) return;
  if (!config.allowPlainHttp) {
    fail(key, 'would send secrets unencrypted: use https:, or say target.allowPlainHttp: true.');
  }
  build.warn(`Requests to ${host} are not encrypted (target.allowPlainHttp is true).`);
}
