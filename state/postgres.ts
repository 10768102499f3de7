import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { RollcallError, StateError } from '../model/errors.ts';
import { invalidText, retrying, UniqueViolation, type Engine } from './engine.ts';
import type { Schema } from './schema.ts';

/** A server that does not answer is given up within the 10 s a start may take. */
const CONNECT_MS = 8_000;
const POOL_SIZE = 5;
/** A process that freezes inside a transaction must not hold its locks for ever. */
const IDLE_IN_TRANSACTION_MS = 60_000;

/** Opens a pool on `postgres://user:password@host:port/database`; no connection is made before the first statement. */
export function openPostgres(url: string): Engine {
  const place = placeOf(url);
  const pool = new pg.Pool({
    connectionString: url,
    max: POOL_SIZE,
    connectionTimeoutMillis: CONNECT_MS,
    keepAlive: true,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    application_name: 'rollcall',
    types: numbersAsNumbers(),
  });
  // An idle connection that breaks is dropped by the pool itself; without a listener it would end the process.
  pool.on('error', () => undefined);
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
  const explained = <T>(work: () => Promise<T>, passing = lostRace) =>
    retrying(work, passing).catch((error: unknown) => explain(error, place));
  return {
    kind: 'postgres',
    read: (work) => explained(() => work(db)),
    write: (work, { serializable = false } = {}) => {
      const level = serializable ? 'serializable' : 'read committed';
      const transaction = () => db.transaction().setIsolationLevel(level).execute(work);
      // A serializable transaction looks before it inserts: what it did not see then, it sees when repeated.
      return explained(transaction, serializable ? (error) => lostRace(error) || codeOf(error) === TAKEN : lostRace);
    },
    loaded: (...tables) =>
      explained(async () => {
        for (const table of tables) await sql`analyze ${sql.table(table)}`.execute(db);
      }),
    close: () => db.destroy(),
  };
}

const INT8 = 20;
const NUMERIC = 1700;

/** `count`, `sum` and bigint come as text unless told otherwise; every number kept here is below 2^53. */
function numbersAsNumbers(): pg.TypeOverrides {
  const types = new pg.TypeOverrides();
  for (const oid of [INT8, NUMERIC]) types.setTypeParser(oid, Number);
  return types;
}

/** Where the server is, without user and password. */
function placeOf(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed === null || !/^postgres(ql)?:$/.test(parsed.protocol)) {
    throw new StateError(
      'state.unavailable',
      'state.url is no address of the form postgres://user:password@host/database.',
    );
  }
  return `${parsed.hostname === '' ? 'localhost' : parsed.hostname}:${parsed.port === '' ? '5432' : parsed.port}${parsed.pathname}`;
}

/** SQLSTATE of https://www.postgresql.org/docs/current/errcodes-appendix.html, or the code of a system call. */
function codeOf(error: unknown): string | null {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : null;
}

const TAKEN = '23505';

/** Serialization failure, deadlock: the same transaction may succeed now. */
function lostRace(error: unknown): boolean {
  return ['40001', '40P01'].includes(codeOf(error) ?? '');
}

const REASONS: Record<string, string> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'the host name is unknown',
  EAI_AGAIN: 'the host name cannot be looked up now',
  '28P01': 'it refused user name or password',
  '28000': 'it refused user name or password',
  '3D000': 'the database does not exist',
  '42501': 'the user lacks a privilege',
  '53300': 'it has no free connection',
  '53100': 'its disk is full',
};

/** Throws what a person can act on. Causes are left out: a server's own texts may quote values. */
function explain(error: unknown, place: string): never {
  if (error instanceof RollcallError) throw error;
  const code = codeOf(error);
  if (code === TAKEN) {
    throw new UniqueViolation('internal', 'The state already holds a row with the same key; report this as a defect.');
  }
  if (code === '22021' || code === '22P05') throw invalidText();
  if (lostRace(error)) {
    throw new StateError(
      'state.busy',
      `Other workers kept changing the same rows of the state at ${place}; it is tried again.`,
      {
        retryable: true,
      },
    );
  }
  const reason = REASONS[code ?? ''] ?? connectionReason(error, code);
  if (reason === null) throw defect(error, code);
  throw new StateError(
    'state.unavailable',
    `The state's PostgreSQL at ${place} cannot be used (${reason}); check state.url and that the server is up.`,
    { retryable: true },
  );
}

/** Classes 08, 53, 57 and 58 are the server's or the connection's trouble; pg's own errors have texts only. */
function connectionReason(error: unknown, code: string | null): string | null {
  if (code !== null && /^(08|53|57|58)/.test(code)) return `SQLSTATE ${code}`;
  if (code !== null && /^E[A-Z]{3,}$|_CERT|^ERR_TLS/.test(code)) return code;
  const text = error instanceof Error ? error.message : '';
  if (/timeout/i.test(text)) return 'it did not answer in time';
  if (/connection terminated|not queryable|certificate|SSL/i.test(text)) return 'the connection failed';
  return null;
}

function defect(error: unknown, code: string | null): unknown {
  if (code === null || !/^[0-9A-Z]{5}$/.test(code)) return error;
  return new StateError(
    'internal',
    `The state's PostgreSQL refused a statement (SQLSTATE ${code}); report this as a defect.`,
  );
}
