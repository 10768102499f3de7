import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { configSchema, jsonSchema } from './schema.ts';

test('the shipped JSON Schema is the one that is checked (npx tsx config/write-schema.ts writes it anew)', () => {
  const shipped: unknown = JSON.parse(readFileSync(new URL('./rollcall.schema.json', import.meta.url), 'utf8'));
  expect(shipped).toEqual(jsonSchema());
});

test('every key of the documented configuration is known', () => {
  const documented = `
name: corp
directories:
  - name: corp-ad
    urls: [ldaps://dc1.corp.example, ldaps://dc2.corp.example]
    tls: { caFile: /etc/ssl/corp-ca.pem }
    bindDn: svc-rollcall@corp.example
    bindPassword: pw
    bases: ["OU=Agents,DC=corp,DC=example"]
    filter: "(objectCategory=person)"
    groups: ["CN=Genesys Users,OU=Groups,DC=corp,DC=example"]
    exclude: ["CN=svc-*"]
    disabledWhen: { attribute: employeeType, equals: [inactive] }
    startsAt: { attribute: employeeStartDate, lead: 3d }
    anchor: mS-DS-ConsistencyGuid
    pageSize: 1000
target:
  region: mypurecloud.ie
  profile: genesys
  clientId: id
  clientSecret: secret
  auth: { style: basic }
  requestsPerMinute: 300
  indexLag: 3m
  protect: { userNames: ["breakglass@*"], roles: [admin, "Master Admin"] }
  grantableRoles: []
  drift: report
mapping: mapping.yaml
defaultRegion: DE
groupMemberships: [{ from: "CN=GC-Agents,OU=Groups,DC=corp,DC=example", to: Agents }]
identity: { personKey: [employeeNumber], onReusedLogin: hold, onTakenLogin: park, onDeletedUser: hold }
leavers: { disabled: deactivate, gone: deactivate, outOfScope: deactivate,
           steps: { revokeTokens: true, leaveQueues: true, releaseStation: true }, restoreOnReturn: false }
safety:
  firstRun: hold
  deactivations: { max: 50, percent: 5, floor: 5, window: 24h }
  recycles:      { max: 5, window: 24h }
  creates:       { max: 500, percent: 20, floor: 25 }
  updates:       { max: 500, percent: 20, floor: 25 }
  approvalTimeout: 24h
  minimumEntries: 1
  maximumDrop: 50
  canaries: []
  grace: 0s
state: { url: postgres://x }
schedule: { delta: "every 15m", full: "0 2 * * *", timezone: Europe/Berlin }
encryption: { keys: { "2026-11": "key" }, active: "2026-11" }
retention: { runs: 90d, audit: 400d }
notify: { webhook: https://x.example, secret: "s" }
telemetry: { metrics: "127.0.0.1:9464", logLevel: info }
`;
  expect(configSchema.safeParse(parse(documented)).error?.issues).toBeUndefined();
});
