/**
 * The error tree. Every error that reaches a person has a stable code, one sentence with cause and remedy, and says
 * whether trying again may help. Messages carry no secrets and no attribute values.
 */
export type ErrorCode =
  | 'config.invalid'
  | 'config.unsupported'
  | 'mapping.invalid'
  | 'directory.unreachable'
  | 'directory.certificate'
  | 'directory.credentials'
  | 'directory.base-missing'
  | 'directory.size-limit'
  | 'directory.time-limit'
  | 'directory.filter'
  | 'directory.refused'
  | 'directory.interrupted'
  | 'directory.implausible'
  | 'directory.unsupported'
  | 'genesys.unreachable'
  | 'genesys.certificate'
  | 'genesys.credentials'
  | 'genesys.unauthorized'
  | 'genesys.forbidden'
  | 'genesys.invalid'
  | 'genesys.not-found'
  | 'genesys.conflict'
  | 'genesys.stale-version'
  | 'genesys.throttled'
  | 'genesys.server-error'
  | 'genesys.timeout'
  | 'genesys.protocol'
  | 'identity.ambiguous'
  | 'identity.login-taken'
  | 'identity.linked'
  | 'identity.invalid-entry'
  | 'identity.protected'
  | 'identity.revived'
  | 'state.unavailable'
  | 'state.busy'
  | 'state.newer-schema'
  | 'state.invalid-text'
  | 'temporal.unreachable'
  | 'temporal.no-worker'
  | 'temporal.search-attributes'
  | 'temporal.encryption'
  | 'run.already-running'
  | 'run.closed'
  | 'run.not-found'
  | 'run.other-configuration'
  | 'person.not-found'
  | 'person.ambiguous'
  | 'person.out-of-scope'
  | 'schedule.not-found'
  | 'schedule.refused'
  | 'batch.refused'
  | 'internal';

export interface FailureOptions {
  cause?: unknown;
  /** Whether trying again may help. Default false. */
  retryable?: boolean;
  /** Milliseconds to wait before the next try, where the other side or the pace said so. */
  retryAfterMs?: number;
}

export class RollcallError extends Error {
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, message: string, options: FailureOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** Wrong usage or configuration, found without contacting anything: exit status 2. */
export class ConfigError extends RollcallError {
  constructor(message: string, options: FailureOptions & { code?: ErrorCode } = {}) {
    super(options.code ?? 'config.invalid', message, options);
  }
}

export class DirectoryError extends RollcallError {}

/** What Genesys Cloud, or the way to it, answered. */
export class GenesysError extends RollcallError {
  /** HTTP status; null when no answer came. */
  readonly status: number | null;
  readonly scimType: string | null;
  readonly correlationId: string | null;
  /** True when the request may have been carried out although no proper answer came. */
  readonly unknownOutcome: boolean;

  constructor(
    code: ErrorCode,
    message: string,
    options: FailureOptions & {
      status?: number | null;
      scimType?: string | null;
      correlationId?: string | null;
      unknownOutcome?: boolean;
    } = {},
  ) {
    super(code, message, options);
    this.status = options.status ?? null;
    this.scimType = options.scimType ?? null;
    this.correlationId = options.correlationId ?? null;
    this.unknownOutcome = options.unknownOutcome ?? false;
  }
}

export class StateError extends RollcallError {}

/** The pace asks to come back later: the activity ends and is tried again after `retryAfterMs`. */
export class LaterError extends RollcallError {
  constructor(message: string, retryAfterMs: number) {
    super('genesys.throttled', message, { retryable: true, retryAfterMs });
  }
}
