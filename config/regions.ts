import { nearest } from '../mapping/suggest.ts';
import { fail } from './fault.ts';

/** Genesys Cloud's regions by the AWS region they run in. About one a year is added: `target.baseUrl` reaches those. */
const REGIONS: Readonly<Record<string, string>> = {
  'us-east-1': 'mypurecloud.com',
  'us-east-2': 'use2.us-gov-pure.cloud',
  'us-west-2': 'usw2.pure.cloud',
  'ca-central-1': 'cac1.pure.cloud',
  'mx-central-1': 'mxc1.pure.cloud',
  'sa-east-1': 'sae1.pure.cloud',
  'eu-west-1': 'mypurecloud.ie',
  'eu-west-2': 'euw2.pure.cloud',
  'eu-central-1': 'mypurecloud.de',
  'eu-central-2': 'euc2.pure.cloud',
  'eusc-de-east-1': 'edee1.eusc-pure.cloud',
  'ap-south-1': 'aps1.pure.cloud',
  'ap-northeast-1': 'mypurecloud.jp',
  'ap-northeast-2': 'apne2.pure.cloud',
  'ap-northeast-3': 'apne3.pure.cloud',
  'ap-southeast-1': 'apse1.pure.cloud',
  'ap-southeast-2': 'mypurecloud.com.au',
  'me-central-1': 'mec1.pure.cloud',
};

/** The API's origin in a region named by its domain (`mypurecloud.ie`). */
export function regionOrigin(region: string, key: string): string {
  const domain = region.toLowerCase();
  if (Object.values(REGIONS).includes(domain)) return `https://api.${domain}`;
  const meant = REGIONS[domain] ?? nearest(domain.replace(/^(?:api|login|apps)\./, ''), Object.values(REGIONS));
  const suggestion = meant === null ? '' : `did you mean ${meant}? Otherwise `;
  return fail(key, `is no known region: ${suggestion}use baseUrl for a new region, such as https://api.${domain}.`);
}
