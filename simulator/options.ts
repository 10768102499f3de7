/**
 * Everything that can be set on the simulator. Points on which the public sources about Genesys Cloud disagree or keep
 * silent are toggles; each says what the sources suggest, which is its default. All but {@link FIXED_OPTIONS} may be
 * changed while the simulator runs and count from the next request on.
 */
export interface SimulatorOptions {
  /** Address to listen on. Default loopback; anything else also opens the unprotected steering API to the network. */
  host: string;
  /** Port of the API; 0 (default) takes a free one. */
  apiPort: number;
  /** Port of the login host, which also serves `/_simulator/`; 0 (default) takes a free one. */
  loginPort: number;

  /** The one OAuth client. Changing the secret makes later token requests with the old one fail, as a rotation does. */
  clientId: string;
  clientSecret: string;
  /** Seconds a token lives, told as `expires_in`. Default 86399. */
  tokenLifeSeconds: number;
  /** Accept client id and secret in the form body too. Default false: Basic authentication alone. */
  allowBodyCredentials: boolean;
  /** Status of `invalid_client`; the sources are unclear. Default 400. */
  invalidClientStatus: 400 | 401;

  /** Requests allowed in one window. Default 300. */
  requestsPerMinute: number;
  /** Length of the fixed window in seconds; shorter ones are for tests. Default 60. */
  rateWindowSeconds: number;
  /** Whether each token has a window of its own (default, as documented) or all tokens of the client share one. */
  rateLimitPer: 'token' | 'client';
  /** Seconds that lists with a filter trail behind writes. Default 0. */
  indexLagSeconds: number;

  /** Names that exist in the organisation. Division, role, skill and language names are case-sensitive. */
  divisions: string[];
  roles: string[];
  skills: string[];
  languages: string[];
  /** Names of the groups; they can only be made outside SCIM. */
  groups: string[];

  /** What the OAuth client's role permits; taking one away makes the calls that need it fail with 403. Default all. */
  permissions: string[];
  /** Divisions the client's role covers; writing a user of another one fails with 403. Default null: all. */
  permittedDivisions: string[] | null;

  /** Items of a page when `count` is absent. Default 25. */
  defaultCount: number;
  /** Most items of a page, however many were asked for; the real maximum is undocumented. Default 100. */
  maxCount: number;
  /** Answer 429 to `count` over 25 unless externalId, roles, routingSkills and routingLanguages are all left out. Default false. */
  throttleLargePages: boolean;
  /** Furthest position that the inactive listing reaches before it answers 400; null (default) = no such cap. */
  inactiveListCap: number | null;
  /**
   * Whether filters other than `id` and `active` find inactive users. Undocumented; default false, as the list
   * without filter shows active users only, and a client must look in both listings to be sure.
   */
  filtersFindInactive: boolean;

  /**
   * POST of a deleted user's login: revive the old record with the values sent (200, default) or as it was, whatever was
   * sent (200, `bare`), or make a new one (201).
   */
  revival: 'same-id' | 'bare' | 'new-id';
  /** Attributes that are not in the schema: 400 (default) or dropped without a word. Bare extension names in PATCH paths are always refused. */
  unknownAttributes: 'refuse' | 'drop';
  /** Division, role, skill, language or manager that does not exist: 400 invalidValue (default), 404, or dropped without a word. */
  unknownReference: '400' | '404' | 'drop';
  /** PATCH `remove` whose value filter matches nothing: 400 noTarget (default, the letter of RFC 7644) or no effect. */
  removeWithoutMatch: 'noTarget' | 'ignore';
  /** Answer to a stale `If-Match`: 400 invalidVers (default), 409 or 412; the sources name all three. */
  staleVersion: 400 | 409 | 412;
  /** Whether a user who becomes inactive keeps his roles. Default false: they are lost, and do not come back. */
  keepRolesWhenInactive: boolean;

  /** Requests the log keeps; older ones are forgotten. Default 200,000. */
  logLimit: number;
  /** Receives a sentence when something happens that no synchronisation should do, such as a DELETE. Default: nobody. */
  onAlarm: (sentence: string) => void;
}

/** Options that only count at the start. */
export const FIXED_OPTIONS = ['host', 'apiPort', 'loginPort', 'clientId', 'groups', 'onAlarm'] as const;

/** Permissions that the SCIM calls ask for, as the published API description lists them. */
export const ALL_PERMISSIONS = [
  'directory:user:add',
  'directory:user:edit',
  'directory:user:delete',
  'directory:user:setPassword',
  'directory:group:edit',
  'authorization:grant:add',
  'authorization:grant:delete',
  'routing:skill:assign',
  'routing:language:assign',
  'telephony:extension:assign',
] as const;

/** The options with every default filled in; lists are copies, so that two simulators share nothing. */
export function completeOptions(given: Partial<SimulatorOptions> = {}): SimulatorOptions {
  return structuredOptions({
    host: '127.0.0.1',
    apiPort: 0,
    loginPort: 0,
    clientId: 'simulator-client',
    clientSecret: 'simulator-secret',
    tokenLifeSeconds: 86_399,
    allowBodyCredentials: false,
    invalidClientStatus: 400,
    requestsPerMinute: 300,
    rateWindowSeconds: 60,
    rateLimitPer: 'token',
    indexLagSeconds: 0,
    divisions: ['Home', 'Sales', 'Support'],
    roles: ['employee', 'admin', 'Master Admin', 'SCIM Integration', 'supervisor', 'agent', 'Communicate - User'],
    skills: ['Billing', 'Returns', 'Technical'],
    languages: ['English', 'French', 'German', 'Spanish'],
    groups: ['Agents', 'Supervisors'],
    permissions: [...ALL_PERMISSIONS],
    permittedDivisions: null,
    defaultCount: 25,
    maxCount: 100,
    throttleLargePages: false,
    inactiveListCap: null,
    filtersFindInactive: false,
    revival: 'same-id',
    unknownAttributes: 'refuse',
    unknownReference: '400',
    removeWithoutMatch: 'noTarget',
    staleVersion: 400,
    keepRolesWhenInactive: false,
    logLimit: 200_000,
    onAlarm: () => undefined,
    ...given,
  });
}

function structuredOptions(options: SimulatorOptions): SimulatorOptions {
  return {
    ...options,
    divisions: [...options.divisions],
    roles: [...options.roles],
    skills: [...options.skills],
    languages: [...options.languages],
    groups: [...options.groups],
    permissions: [...options.permissions],
    permittedDivisions: options.permittedDivisions === null ? null : [...options.permittedDivisions],
  };
}
