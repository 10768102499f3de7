import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kysely, SqliteDialect, sql, type SqliteDatabase, type Transaction } from 'kysely';
import { RollcallError, StateError } from '../model/errors.ts';
import type { Schema } from './schema.ts';

/** What a read may use: selecting only, so that no write happens outside a transaction. */
export type Reader = Pick<Kysely<Schema>, 'selectFrom' | 'fn' | 'getExecutor'>;
export type Writer = Transaction<Schema>;

/** One of the two databases. A `work` may be carried out more than once: a lost race for a lock repeats it whole. */
export interface Engine {
  readonly kind: 'sqlite' | 'postgres';
  /** Reads committed data; each statement sees one moment, several statements may see several. */
  read<T>(work: (db: Reader) => Promise<T>): Promise<T>;
  /**
   * One transaction. On SQLite writers go one at a time; on PostgreSQL the isolation is READ COMMITTED, so that work
   * which decides on what it read either writes conditionally or asks for `serializable`. Never call it inside itself.
   */
  write<T>(work: (db: Writer) => Promise<T>, options?: { serializable?: boolean }): Promise<T>;
  /**
   * To be called after a bulk load. PostgreSQL plans by statistics that otherwise come a minute later, and until then
   * reads a whole run for one page of it; SQLite needs none.
   */
  loaded(...tables: (keyof Schema)[]): Promise<void>;
  /** Waits for what is under way, then closes. */
  close(): Promise<void>;
}

/** A statement broke a unique index: somebody else was first. */
export class UniqueViolation extends StateError {}

/** How long a lock is waited for before the caller is told. */
export const LOCK_PATIENCE_MS = 30_000;

/** The database file inside the state folder. */
export const DATABASE_FILE = 'state.db';

/**
 * Repeats `work` with jitter while it fails for a passing reason. Waiting is asynchronous because the SQLite engine is
 * synchronous: a wait inside it would stop heartbeats.
 */
export async function retrying<T>(
  work: () => Promise<T>,
  passing: (error: unknown) => boolean,
  patienceMs = LOCK_PATIENCE_MS,
): Promise<T> {
  const deadline = performance.now() + patienceMs;
  for (let attempt = 0; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!passing(error) || performance.now() >= deadline) throw error;
      await sleep(1 + Math.random() * Math.min(50, 4 * 2 ** attempt));
    }
  }
}

/** Opens (and creates, readable by its owner alone) the embedded database of a folder. */
export async function openSqlite(folder: string): Promise<Engine> {
  const explained = <T>(work: () => Promise<T>) =>
    retrying(work, isBusy).catch((error: unknown) => explain(error, folder));
  return explained(async () => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const file = join(folder, DATABASE_FILE);
    await (await open(file, 'a', 0o600)).close();
    const writer = await connect(file, 'pragma query_only = 0');
    const reader = await connect(file, 'pragma query_only = 1').catch(async (error: unknown) => {
      await writer.destroy();
      throw error;
    });
    return sqliteEngine(writer, reader, explained);
  });
}

/**
 * Two connections: under WAL the reader never waits for a writer, neither another process nor this one. Their statements
 * run to the end at once, so no cursor and no snapshot stays open while something is written.
 */
function sqliteEngine(
  writer: Kysely<Schema>,
  reader: Kysely<Schema>,
  explained: <T>(work: () => Promise<T>) => Promise<T>,
): Engine {
  const underWay = new Set<Promise<unknown>>();
  const tracked = async <T>(work: () => Promise<T>): Promise<T> => {
    const result = explained(work);
    underWay.add(result);
    return result.finally(() => underWay.delete(result));
  };
  return {
    kind: 'sqlite',
    read: (work) => tracked(() => work(reader)),
    write: (work) => tracked(() => writer.transaction().execute(work)),
    loaded: () => Promise.resolve(),
    close: async () => {
      await Promise.allSettled(underWay);
      await reader.destroy();
      await writer.destroy();
    },
  };
}

interface NativeStatement {
  all(...parameters: unknown[]): unknown[];
  run(...parameters: unknown[]): { changes: number | bigint; lastInsertRowid: number | bigint };
  iterate(...parameters: unknown[]): IterableIterator<unknown>;
}

interface NativeDatabase {
  prepare(text: string): NativeStatement;
  exec(text: string): void;
  close(): void;
}

interface SqliteModule {
  DatabaseSync: new (file: string) => NativeDatabase;
}

/** `node:sqlite` where the runtime has it, else its prebuilt twin with the same interface. */
async function sqliteModule(): Promise<SqliteModule> {
  const own = process.getBuiltinModule('node:sqlite') as SqliteModule | undefined;
  return own ?? (await import('@photostructure/sqlite'));
}

async function connect(file: string, mode: string): Promise<Kysely<Schema>> {
  const { DatabaseSync } = await sqliteModule();
  const native = new DatabaseSync(file);
  try {
    native.exec('pragma busy_timeout = 0');
    const journal = native.prepare('pragma journal_mode = wal').all();
    if (JSON.stringify(journal) !== '[{"journal_mode":"wal"}]') throw noWal(file);
    native.exec(`pragma synchronous = full; ${mode}`);
  } catch (error) {
    native.close();
    throw error;
  }
  const db = new Kysely<Schema>({ dialect: new SqliteDialect({ database: adapt(native) }) });
  // Kysely closes a database only once a query has gone through it.
  await sql`select 1`.execute(db);
  return db;
}

/** Kysely asks for the shape of better-sqlite3. `begin` becomes `begin immediate`: a lock taken at once is never lost later. */
function adapt(native: NativeDatabase): SqliteDatabase {
  return {
    close: () => native.close(),
    prepare: (text) => {
      const statement = native.prepare(text === 'begin' ? 'begin immediate' : text);
      return {
        // `columns()` would tell, but the first versions of node:sqlite lack it.
        reader: /^\s*(select|pragma)\b|\breturning\b/i.test(text),
        all: (parameters) => statement.all(...withoutNul(parameters)),
        run: (parameters) => {
          try {
            return statement.run(...withoutNul(parameters));
          } catch (error) {
            // A full disk ends the transaction by itself; its error must not be hidden by that of the rollback.
            if (text === 'rollback' && !isBusy(error)) return { changes: 0, lastInsertRowid: 0 };
            throw error;
          }
        },
        iterate: (parameters) => statement.iterate(...withoutNul(parameters)),
      };
    },
  };
}

/** SQLite would cut a text at NUL without a word. */
function withoutNul(parameters: readonly unknown[]): readonly unknown[] {
  if (parameters.some((value) => typeof value === 'string' && value.includes('\0'))) throw invalidText();
  return parameters;
}

export function invalidText(): StateError {
  return new StateError(
    'state.invalid-text',
    'A text to be stored contains a NUL character, which no database keeps; remove it from the directory attribute.',
  );
}

function noWal(file: string): StateError {
  return new StateError(
    'state.unavailable',
    `The file system of ${file} has no shared memory for SQLite's write-ahead log; put the state folder on a local disk or set state.url.`,
  );
}

const BUSY = 5;
const PROTOCOL = 15;
const CONSTRAINT_PRIMARYKEY = 1555;
const CONSTRAINT_UNIQUE = 2067;

/** Result codes of https://sqlite.org/rescode.html; the low byte is the primary code. Undefined: not SQLite's error. */
function resultCode(error: unknown): number | undefined {
  const code: unknown = error instanceof Error && 'errcode' in error ? error.errcode : undefined;
  return typeof code === 'number' ? code : undefined;
}

function isBusy(error: unknown): boolean {
  const primary = (resultCode(error) ?? 0) & 0xff;
  return primary === BUSY || primary === PROTOCOL;
}

/** Throws what a person can act on. Causes are left out: SQLite's own texts may quote the statement. */
function explain(error: unknown, folder: string): never {
  if (error instanceof RollcallError) throw error;
  const code = resultCode(error);
  if (code === CONSTRAINT_UNIQUE || code === CONSTRAINT_PRIMARYKEY) {
    throw new UniqueViolation('internal', 'The state already holds a row with the same key; report this as a defect.');
  }
  if (isBusy(error)) {
    throw new StateError(
      'state.busy',
      `Another process kept the state in ${folder} locked for ${LOCK_PATIENCE_MS / 1000} seconds; it is tried again, and if this stays, stop that process.`,
      { retryable: true },
    );
  }
  if (DEFECTS.has((code ?? 0) & 0xff)) throw refusedStatement(`SQLite result code ${code}`);
  const trouble = code === undefined ? systemTrouble(error) : (SQLITE_TROUBLES[code & 0xff] ?? unnamed(code));
  if (trouble === null) throw error;
  throw new StateError('state.unavailable', `The state in ${folder} cannot be used: ${trouble}.`, { retryable: true });
}

function refusedStatement(detail: string): StateError {
  return new StateError('internal', `The state refused a statement (${detail}); report this as a defect.`);
}

/** ERROR, CONSTRAINT, MISMATCH, MISUSE, RANGE: the statement is wrong, and waiting does not help. */
const DEFECTS: ReadonlySet<number> = new Set([1, 19, 20, 21, 25]);

const NOT_WRITABLE = 'this user may not write there; correct its owner and rights, or put the configuration elsewhere';
const NO_SPACE = 'its disk is full; make room there';

/** Cause and remedy by primary result code. */
const SQLITE_TROUBLES: Readonly<Record<number, string>> = {
  8: NOT_WRITABLE,
  11: 'its file is damaged; restore the folder from a backup',
  13: NO_SPACE,
  14: NOT_WRITABLE,
  26: `its file ${DATABASE_FILE} is no SQLite database; move it away or restore it from a backup`,
};

function unnamed(code: number): string {
  return `SQLite result code ${code}; check that the folder is writable, its disk not full and its file intact`;
}

const SYSTEM_TROUBLES: Readonly<Record<string, string>> = {
  EACCES: NOT_WRITABLE,
  EPERM: NOT_WRITABLE,
  EROFS: 'its file system is mounted read-only; put the configuration elsewhere, or set state.url',
  EEXIST: 'a file stands in the place of the folder; move it away',
  ENOTDIR: 'a file stands in the place of the folder or of one above it; move it away',
  EISDIR: `a folder stands in the place of its file ${DATABASE_FILE}; move it away`,
  ENOSPC: NO_SPACE,
  EDQUOT: NO_SPACE,
};

/** Cause and remedy of a failed system call, else null. */
function systemTrouble(error: unknown): string | null {
  const isSystem = error instanceof Error && 'syscall' in error && 'code' in error;
  if (!isSystem) return null;
  const code = String(error.code);
  return SYSTEM_TROUBLES[code] ?? `${code}; check that the folder is writable and its disk not full`;
}
