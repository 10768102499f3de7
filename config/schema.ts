import { z } from 'zod';
import { DURATION, DURATION_FORM } from './durations.ts';

const text = z.string().min(1);
const duration = z.string().regex(DURATION, DURATION_FORM);
const texts = z.array(text);
const whole = (least: number, most: number) => z.int().min(least).max(most);
const count = whole(0, 100_000_000);
/** `none` = no such limit. */
const percent = z.union([z.number().min(0).max(100), z.literal('none')], {
  error: 'must be a number from 0 to 100, or none.',
});
const limit = { percent: percent.default(20), floor: count.default(25), max: count.default(500) };

const tls = z.strictObject({
  /** Path of a PEM file beside the configuration file, or the PEM text itself. Default: the system's authorities alone. */
  caFile: text.optional(),
  /** False accepts any certificate; every run then says so. */
  verify: z.boolean().default(true),
  /** Name to check the certificate against; default: the url's host. */
  serverName: text.optional(),
});

const directory = z.strictObject({
  name: text.regex(/^[\w.-]{1,64}$/, 'must be at most 64 letters, digits, dots, hyphens and underscores.'),
  urls: texts.min(1),
  startTls: z.boolean().default(false),
  tls: tls.prefault({}),
  /** Allows `ldap://` without StartTLS to other hosts than loopback. */
  allowPlainLdap: z.boolean().default(false),
  bindDn: text,
  bindPassword: text,
  bases: texts.min(1),
  filter: text.optional(),
  groups: texts.optional(),
  exclude: texts.default([]),
  disabledWhen: z
    .strictObject({ attribute: text, equals: z.array(z.union([text, z.boolean(), z.number()])).min(1) })
    .optional(),
  startsAt: z.strictObject({ attribute: text, lead: duration.default('0s') }).optional(),
  anchor: text.optional(),
  pageSize: whole(1, 100_000).default(1000),
});

const target = z.strictObject({
  region: text.optional(),
  baseUrl: text.optional(),
  tokenUrl: text.optional(),
  profile: z.enum(['genesys', 'generic']).default('genesys'),
  /** Path of a PEM file, or the PEM text itself. */
  caFile: text.optional(),
  /** Allows `http:` to other hosts than loopback. */
  allowPlainHttp: z.boolean().default(false),
  clientId: text,
  clientSecret: text,
  auth: z.strictObject({ style: z.enum(['basic', 'body']).default('basic'), scope: text.optional() }).prefault({}),
  requestsPerMinute: whole(1, 1_000_000).default(300),
  indexLag: duration.default('3m'),
  protect: z
    .strictObject({
      userNames: texts.default(['breakglass@*']),
      roles: texts.default(['admin', 'Master Admin']),
    })
    .prefault({}),
  grantableRoles: texts.default([]),
  drift: z.enum(['report', 'restore', 'respect']).default('report'),
});

const leaverAction = z.enum(['deactivate', 'hold']).default('deactivate');
/**
 * The steps that go with a deactivation. They are not performed yet, so absent means "not performed", and `true` is
 * refused; once they are built they happen unless switched off.
 */
const steps = z.strictObject({
  revokeTokens: z.boolean().optional(),
  leaveQueues: z.boolean().optional(),
  releaseStation: z.boolean().optional(),
});

const safety = z.strictObject({
  firstRun: z.enum(['hold', 'apply']).default('hold'),
  deactivations: z
    .strictObject({
      max: count.default(50),
      percent: percent.default(5),
      floor: count.default(5),
      window: duration.default('24h'),
    })
    .prefault({}),
  recycles: z.strictObject({ max: count.default(5), window: duration.default('24h') }).prefault({}),
  creates: z.strictObject(limit).prefault({}),
  updates: z.strictObject(limit).prefault({}),
  approvalTimeout: duration.default('24h'),
  minimumEntries: count.default(1),
  maximumDrop: z.number().min(0).max(100).default(50),
  canaries: texts.default([]),
  grace: duration.default('0s'),
});

/** The whole of rollcall.yaml, with its defaults. Features that are not built yet are refused in `unsupported.ts`. */
export const configSchema = z.strictObject({
  name: text
    .regex(/^[\w.-]{1,64}$/, 'must be at most 64 letters, digits, dots, hyphens and underscores.')
    .default('default'),
  directories: z.array(directory).min(1),
  target,
  mapping: z
    .union([text, z.record(z.string(), z.unknown())], {
      error: 'must be the path of a mapping file, or the mapping itself.',
    })
    .optional(),
  defaultRegion: text.optional(),
  groupMemberships: z.array(z.strictObject({ from: text, to: text })).default([]),
  identity: z
    .strictObject({
      personKey: texts.min(1).default(['employeeNumber']),
      onReusedLogin: z.enum(['hold', 'recycle', 'rebind']).default('hold'),
      onTakenLogin: z.enum(['park', 'suffix']).default('park'),
      onDeletedUser: z.enum(['hold', 'recreate']).default('hold'),
    })
    .prefault({}),
  leavers: z
    .strictObject({
      disabled: leaverAction,
      gone: leaverAction,
      outOfScope: leaverAction,
      steps: steps.prefault({}),
      restoreOnReturn: z.boolean().default(false),
    })
    .prefault({}),
  safety: safety.prefault({}),
  state: z.strictObject({ url: text.optional() }).prefault({}),
  /** When runs start by themselves, once `schedule apply` has handed it to Temporal. */
  schedule: z
    .strictObject({
      /** `every` and a duration, or a cron expression of five fields. */
      delta: text.optional(),
      full: text.optional(),
      /** For cron expressions; default UTC. */
      timezone: text.optional(),
    })
    .optional(),
  /** Encrypts what Temporal keeps. Every key decrypts, the active one encrypts. */
  encryption: z
    .strictObject({
      /** 32 bytes each, in base64 or hex, by an id that stands beside every encrypted value. */
      keys: z.record(z.string(), text),
      active: text,
      /** `npm run codec-server`, for the Web UI and Temporal's command line. */
      codecServer: z
        .strictObject({
          listen: text.default('127.0.0.1:8089'),
          /** Where the Web UI is served. */
          origin: text,
          token: text,
          /** Allows to listen on other addresses than loopback, behind something that adds TLS. */
          allowPlainHttp: z.boolean().default(false),
        })
        .optional(),
    })
    .optional(),
  retention: z.strictObject({ runs: duration.default('90d'), audit: duration.default('400d') }).prefault({}),
  notify: z.strictObject({ webhook: text, secret: text.optional() }).optional(),
  telemetry: z
    .strictObject({
      /** `host:port` where the worker serves `/metrics`, `/health` and `/ready`; absent: nowhere. */
      metrics: text.optional(),
      logLevel: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
    })
    .prefault({}),
});

export type Config = z.output<typeof configSchema>;
export type DirectoryConfig = Config['directories'][number];

/** The JSON Schema that editors check rollcall.yaml with; shipped as `rollcall.schema.json`. */
export function jsonSchema(): Record<string, unknown> {
  return { title: 'Rollcall configuration', ...z.toJSONSchema(configSchema, { io: 'input' }) };
}
