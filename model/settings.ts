/** The validated configuration, as every room sees it. `config/` makes it; nothing changes it afterwards. */

import type { ProfileName } from './profile.ts';

export interface DirectorySettings {
  name: string;
  /** `ldaps://` or `ldap://`, tried in order. */
  urls: string[];
  /** StartTLS on `ldap://` urls. */
  startTls: boolean;
  tls: {
    /** PEM text of the CA certificates to trust besides the system's; null = the system's alone. */
    ca: string | null;
    /** False only when the operator wrote `verify: false`. */
    verify: boolean;
    /** Name to check the certificate against; null = the url's host. */
    serverName: string | null;
  };
  /** `ldap://` without StartTLS to other hosts than loopback, in as many words. */
  allowPlain: boolean;
  bindDn: string;
  bindPassword: Secret;
  bases: string[];
  /** ANDed with the vendor's own user filter; null = that alone. */
  filter: string | null;
  /** Patterns of first RDNs (`CN=svc-*`), shell style, ignoring case. */
  exclude: string[];
  disabledWhen: { attribute: string; equals: string[] } | null;
  startsAt: { attribute: string; leadMs: number } | null;
  /** Attribute that holds the anchor instead of the vendor's own; entries without it fall back. */
  anchor: string | null;
  pageSize: number;
}

/** A secret and where it came from. `read()` reads a `${file:…}` again, so that a rotated secret is found. Never logged. */
export interface Secret {
  read(): string;
}

export interface TargetSettings {
  /** Origin of the API (`https://api.mypurecloud.ie`), or the SCIM root of another service; without trailing slash. */
  baseUrl: string;
  tokenUrl: string;
  profile: ProfileName;
  /** Trusted CA, PEM; null = the system's. */
  ca: string | null;
  clientId: Secret;
  clientSecret: Secret;
  auth: { style: 'basic' | 'body'; scope: string | null };
  requestsPerMinute: number;
  indexLagMs: number;
  protect: { userNames: string[]; roles: string[] };
  /** Empty = any. */
  grantableRoles: string[];
  drift: 'report' | 'restore' | 'respect';
  /** `http:` to other hosts than loopback, in as many words. */
  allowPlain: boolean;
}

export interface Limit {
  max: number;
  /** Percent of active links; null = no such limit. */
  percent: number | null;
  /** Up to this many always pass. */
  floor: number;
}

export interface SafetySettings {
  firstRun: 'hold' | 'apply';
  deactivations: Limit & { windowMs: number };
  recycles: { max: number; windowMs: number };
  creates: Limit;
  updates: Limit;
  approvalTimeoutMs: number;
  minimumEntries: number;
  maximumDropPercent: number;
  /** Anchors or DNs that every good read contains. */
  canaries: string[];
  graceMs: number;
}

export interface Settings {
  name: string;
  directories: DirectorySettings[];
  target: TargetSettings;
  /** The mapping file's content, parsed from YAML, not yet compiled. */
  mapping: unknown;
  /** ISO 3166 country for phone numbers without one; null = none. */
  defaultRegion: string | null;
  identity: {
    /** Mapped SCIM attributes, in whatever spelling the mapping takes, that tell whether two entries are one person. */
    personKey: string[];
    onReusedLogin: 'hold' | 'recycle' | 'rebind';
    onTakenLogin: 'park' | 'suffix';
    /** What becomes of people in scope whose user somebody deleted in Genesys Cloud. */
    onDeletedUser: 'hold' | 'recreate';
  };
  leavers: {
    disabled: 'deactivate' | 'hold';
    gone: 'deactivate' | 'hold';
    outOfScope: 'deactivate' | 'hold';
    /** Whether roles lost by a deactivation are given back to who returns. */
    restoreOnReturn: boolean;
  };
  safety: SafetySettings;
  state: StateSettings;
  /** Null: runs are started by hand alone. */
  schedule: ScheduleSettings | null;
  /** Null: what Temporal keeps is not encrypted. */
  encryption: EncryptionSettings | null;
  telemetry: {
    /** Where the worker serves metrics, health and readiness; null = nowhere. */
    metrics: ListenAddress | null;
    logLevel: 'debug' | 'info' | 'warn' | 'error';
  };
  /** SHA-256 over what decides a plan (directories without urls and secrets, mapping, defaultRegion, identity, leavers). */
  hash: string;
  /** Where it was read from; null = the environment alone. */
  file: string | null;
  /** Sentences every run repeats, such as `TLS certificates of corp-ad are not verified`. */
  warnings: string[];
}

/** When runs start by themselves. */
export interface ScheduleSettings {
  /** Null: no scheduled runs of this mode. */
  delta: ScheduleTimes | null;
  full: ScheduleTimes | null;
  /** IANA name in which cron expressions count. */
  timezone: string;
}

export interface ScheduleTimes {
  /** As the operator wrote it: `every 15m`, or a cron expression of five fields. */
  text: string;
  /** The cron expression; null when runs come at an interval. */
  cron: string | null;
  /** Time between two runs; with a cron expression the least that its minutes allow, at most one hour. */
  intervalMs: number;
}

/** How what Temporal keeps is encrypted (AES-256-GCM). */
export interface EncryptionSettings {
  /** Id of the key that encrypts; one of `keys`. */
  active: string;
  /** Every key that decrypts. */
  keys: EncryptionKey[];
  /** Null: there is no codec server. */
  codecServer: CodecServerSettings | null;
}

export interface EncryptionKey {
  /** Stands beside every encrypted value. */
  id: string;
  /** Reads as 32 bytes in base64, however the operator wrote it. */
  secret: Secret;
}

/** The service by which Temporal's Web UI and command line show what is encrypted. */
export interface CodecServerSettings extends ListenAddress {
  /** Origin of the Web UI, such as `http://127.0.0.1:8233`. */
  origin: string;
  token: Secret;
}

/** Where to listen. */
export interface ListenAddress {
  /** Name or address, IPv6 without brackets. */
  host: string;
  port: number;
}

export interface StateSettings {
  /** `postgres://…`; null = embedded. */
  url: Secret | null;
  /** Folder of the embedded database, absolute. */
  folder: string;
}
