import net from 'node:net';
import { BerReader, BerWriter, EqualityFilter } from 'ldapts';
import { afterEach, expect, it } from 'vitest';
import { Connection, ConnectionLost } from './connection.ts';

const SEARCH_REQUEST = 0x63;
const SEARCH_ENTRY = 0x64;
const SEARCH_DONE = 0x65;
const CONTROLS = 0xa0;
const PAGED_RESULTS = '1.2.840.113556.1.4.319';

/** A server that answers its nth search with the nth script, for what real servers do only now and then. */
type Script = (socket: net.Socket, messageId: number) => void;

const open: { server: net.Server; connection: Connection | null }[] = [];

afterEach(async () => {
  for (const { server, connection } of open.splice(0)) {
    await connection?.close();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function connectTo(
  scripts: Script[],
  silenceMs = 10_000,
): Promise<{ connection: Connection; connections: () => number }> {
  let searches = 0;
  let connections = 0;
  const server = net.createServer((socket) => {
    connections += 1;
    socket.on('error', () => socket.destroy());
    socket.on('data', (data: Buffer) => {
      const reader = new BerReader(data);
      reader.readSequence();
      const messageId = reader.readInt()!;
      if (reader.peek() !== SEARCH_REQUEST) return void socket.end();
      scripts[searches]?.(socket, messageId);
      searches += 1;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const entry: (typeof open)[number] = { server, connection: null };
  open.push(entry);
  const { port } = server.address() as net.AddressInfo;
  const endpoint = { host: '127.0.0.1', port, security: 'none' as const, tls: {}, silenceMs };
  entry.connection = await Connection.open(endpoint, AbortSignal.timeout(10_000));
  return { connection: entry.connection, connections: () => connections };
}

function message(messageId: number, operation: number, content: (writer: BerWriter) => void, cookie?: string): Buffer {
  const writer = new BerWriter();
  writer.startSequence();
  writer.writeInt(messageId);
  writer.startSequence(operation);
  content(writer);
  writer.endSequence();
  if (cookie !== undefined) {
    const value = new BerWriter();
    value.startSequence();
    value.writeInt(0);
    value.writeString(cookie);
    value.endSequence();
    writer.startSequence(CONTROLS);
    writer.startSequence();
    writer.writeString(PAGED_RESULTS);
    writer.writeBuffer(value.buffer, 0x04);
    writer.endSequence();
    writer.endSequence();
  }
  writer.endSequence();
  return writer.buffer;
}

function entry(messageId: number, dn: string): Buffer {
  return message(messageId, SEARCH_ENTRY, (writer) => {
    writer.writeString(dn);
    writer.startSequence();
    writer.endSequence();
  });
}

/** A search ended with a result code; with a cookie there are more pages. */
function done(messageId: number, cookie?: string, code = 0): Buffer {
  const content = (writer: BerWriter): void => {
    writer.writeEnumeration(code);
    writer.writeString('');
    writer.writeString('');
  };
  return message(messageId, SEARCH_DONE, content, cookie);
}

const page = (dns: string[], cookie?: string): Script => {
  return (socket, id) => socket.write(Buffer.concat([...dns.map((dn) => entry(id, dn)), done(id, cookie)]));
};

const SEARCH = {
  base: 'dc=corp',
  scope: 'sub' as const,
  filter: new EqualityFilter({ attribute: 'cn', value: 'x' }),
  attributes: [],
};

async function readAll(connection: Connection, signal?: AbortSignal): Promise<string[]> {
  const names: string[] = [];
  for await (const { entries } of connection.pages(SEARCH, 2, signal)) names.push(...entries.map(({ name }) => name));
  return names;
}

it('an empty page with a cookie is not the end of a read', async () => {
  const { connection } = await connectTo([page(['a', 'b'], 'one'), page([], 'two'), page(['c'], '')]);
  expect(await readAll(connection)).toEqual(['a', 'b', 'c']);
});

it('an answer without paging is taken whole', async () => {
  const { connection } = await connectTo([page(['a', 'b', 'c'])]);
  expect(await readAll(connection)).toEqual(['a', 'b', 'c']);
});

it('a result other than success fails the read even after pages that came', async () => {
  const { connection } = await connectTo([page(['a'], 'one'), (socket, id) => socket.write(done(id, undefined, 4))]);
  await expect(readAll(connection)).rejects.toMatchObject({ code: 4 });
});

it('messages that arrive byte by byte are put together', async () => {
  const { connection } = await connectTo([
    (socket, id) => {
      socket.setNoDelay(true);
      for (const byte of Buffer.concat([entry(id, 'a'), done(id)])) socket.write(Buffer.of(byte));
    },
  ]);
  expect(await readAll(connection)).toEqual(['a']);
});

it('a server that closes in the middle of a page fails the read', async () => {
  const { connection } = await connectTo([(socket, id) => socket.end(entry(id, 'a'))]);
  await expect(readAll(connection)).rejects.toThrow(ConnectionLost);
});

it('a server that goes silent fails the read', async () => {
  const { connection } = await connectTo([(socket, id) => socket.write(entry(id, 'a'))], 100);
  await expect(readAll(connection)).rejects.toThrow('stopped answering');
});

it('bytes that are no LDAP fail the read', async () => {
  const { connection } = await connectTo(
    [(socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'.repeat(10))],
    1000,
  );
  await expect(readAll(connection)).rejects.toBeInstanceOf(Error);
});

it('a lost connection stays lost: nothing is asked again over a new, unbound one', async () => {
  const { connection, connections } = await connectTo([(socket) => socket.destroy(), page(['a'])]);
  await expect(readAll(connection)).rejects.toBeInstanceOf(Error);
  await expect(readAll(connection)).rejects.toBeInstanceOf(Error);
  expect(connections()).toBe(1);
});

it('a cancelled search rejects with the reason', async () => {
  const cancel = new AbortController();
  const reason = new Error('cancelled');
  const { connection } = await connectTo([() => cancel.abort(reason)]);
  await expect(readAll(connection, cancel.signal)).rejects.toBe(reason);
});

it('a server that sends empty pages for ever fails the read', async () => {
  const { connection } = await connectTo(Array.from({ length: 1100 }, () => page([], 'again')));
  await expect(readAll(connection)).rejects.toThrow('empty pages');
});

it('closing twice, or after a loss, is no error', async () => {
  const { connection } = await connectTo([(socket) => socket.destroy()]);
  await expect(readAll(connection)).rejects.toBeInstanceOf(Error);
  await connection.close();
  await connection.close();
});
