import { createServer } from 'node:net';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anchorOf, ENGINES, runStart, statePlace, type StatePlace } from '../test/support/state.ts';
import { openSqlite } from './engine.ts';
import { openState } from './open.ts';
import { openPostgres } from './postgres.ts';

describe.each(ENGINES)('opening the state on %s', (engine) => {
  let place: StatePlace;
  beforeAll(async () => {
    place = await statePlace(engine);
  });
  afterAll(() => place.close());

  it('keeps what was stored', async () => {
    const settings = await place.settings();
    const first = await openState(settings);
    await first.runs.open(runStart('r1'));
    await first.close();
    const second = await openState(settings, { migrate: false });
    expect(second.engine).toBe(engine);
    expect((await second.runs.get('r1'))?.actor).toBe('alice');
    await second.close();
  });

  it('sets up the schema once when several processes start together', async () => {
    const settings = await place.settings();
    const states = await Promise.all(Array.from({ length: 4 }, () => openState(settings)));
    await Promise.all(states.map((state, n) => state.runs.open(runStart(`r${n}`, { sync: `sync-${n}` }))));
    for (const [n, state] of states.entries()) expect(await state.runs.get(`r${n}`)).not.toBeNull();
    await Promise.all(states.map((state) => state.close()));
  });

  it('refuses an empty place where it may not set it up', async () => {
    await expect(openState(await place.settings(), { migrate: false })).rejects.toMatchObject({
      code: 'state.unavailable',
    });
  });

  it('refuses the state of a newer release', async () => {
    const settings = await place.settings();
    await (await openState(settings)).close();
    const raw = settings.url === null ? await openSqlite(settings.folder) : openPostgres(settings.url.read());
    await raw.write((trx) =>
      trx
        .insertInto('schema_migrations')
        .values({ name: '9999-later', applied_at: '2027-01-01T00:00:00.000Z' })
        .execute(),
    );
    await raw.close();
    await expect(openState(settings)).rejects.toMatchObject({ code: 'state.newer-schema' });
  });

  it('refuses NUL in text and keeps the rest of the portion out', async () => {
    const state = await place.open();
    await state.runs.open(runStart('r1'));
    const note = { anchor: anchorOf(1), dn: 'CN=Ann', severity: 'problem', attribute: 'mail', problem: 'no' } as const;
    const broken = { ...note, anchor: anchorOf(2), dn: 'CN=Ann\0Lee' };
    await expect(state.runs.addNotes('r1', [note, broken])).rejects.toMatchObject({ code: 'state.invalid-text' });
    expect(await state.runs.notes('r1', 10)).toEqual([]);
  });

  it('keeps every other character and large numbers', async () => {
    const state = await place.open();
    const actor = "O'Brien \u{1f600} \u0001 \uffff %_\\";
    await state.runs.open(runStart('r1', { actor }));
    const requests = { token: 2_000_000_000, read: 0, write: 7, throttled: 1 };
    await state.runs.addRequests('r1', requests);
    expect(await state.runs.get('r1')).toMatchObject({ actor, requests });
  });
});

describe('the embedded database', () => {
  it('stands in a folder that only its owner may enter', async () => {
    const root = await mkdtemp(join(tmpdir(), 'rollcall-open-'));
    const folder = join(root, 'deep', '.rollcall');
    await (await openState({ url: null, folder })).close();
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect((await stat(join(folder, 'state.db'))).mode & 0o777).toBe(0o600);
    await rm(root, { recursive: true });
  });

  it('says what to do about a folder that cannot be made', async () => {
    const root = await mkdtemp(join(tmpdir(), 'rollcall-open-'));
    await (await openState({ url: null, folder: root })).close();
    await expect(openState({ url: null, folder: join(root, 'state.db', 'inside') })).rejects.toMatchObject({
      code: 'state.unavailable',
      message: expect.stringContaining(
        'a file stands in the place of the folder or of one above it; move it away',
      ) as string,
    });
    await rm(root, { recursive: true });
  });

  it('takes no write outside a transaction', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rollcall-open-'));
    await (await openState({ url: null, folder })).close();
    const engine = await openSqlite(folder);
    await expect(engine.read((db) => sql`delete from runs`.execute(db))).rejects.toMatchObject({
      code: 'state.unavailable',
    });
    await engine.close();
    await rm(folder, { recursive: true });
  });
});

describe('a PostgreSQL that cannot be used', () => {
  const opening = (url: string) => openState({ url: { read: () => url }, folder: '/nowhere' });

  it('is named without user and password', async () => {
    const failure = await opening('postgres://someone:hunter2@127.0.0.1:1/corp').catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'state.unavailable', retryable: true });
    expect(String(failure)).toContain('127.0.0.1:1/corp');
    expect(String(failure)).not.toMatch(/hunter2|someone/);
  });

  it('is given up when it takes the connection and never answers', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const begun = performance.now();
    await expect(opening(`postgres://u:p@127.0.0.1:${port}/corp`)).rejects.toMatchObject({ code: 'state.unavailable' });
    expect(performance.now() - begun).toBeLessThan(20_000);
    server.close();
  });

  it('needs an address of its own form', async () => {
    await expect(opening('mysql://u:hunter2@h/d')).rejects.toThrow(/^state\.url is no address(?!.*hunter2)/);
  });
});
