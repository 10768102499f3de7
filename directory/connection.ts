import net from 'node:net';
import tls from 'node:tls';
import {
  BindRequest,
  ExtendedRequest,
  type Filter,
  MessageParser,
  PagedResultsControl,
  SearchEntry,
  SearchReference,
  SearchRequest,
  StatusCodeParser,
  UnbindRequest,
} from 'ldapts';

type Request = BindRequest | ExtendedRequest | SearchRequest;
type Response = NonNullable<Parameters<typeof StatusCodeParser.parse>[0]>;

const START_TLS = '1.3.6.1.4.1.1466.20037';
/** Empty pages in a row that a server may send while it looks for the next match, before we take it for stuck. */
const MOST_EMPTY_PAGES = 1000;
/** How long a server may take to close the connection after our leave. */
const FAREWELL_MS = 1000;

export interface Endpoint {
  host: string;
  port: number;
  /** TLS from the first byte, StartTLS, or none. */
  security: 'tls' | 'startTls' | 'none';
  tls: tls.ConnectionOptions;
  /** Longest wait for the next message of an answer, in milliseconds. */
  silenceMs: number;
}

export interface Search {
  base: string;
  scope: 'base' | 'sub';
  filter: Filter;
  attributes: readonly string[];
}

export interface Page {
  entries: SearchEntry[];
  /** Referral URLs. */
  references: string[];
}

/** One request under way; `message` is what the library's parser wants to find. */
interface Exchange extends Page {
  message: Request;
  resolve(response: Response): void;
  reject(error: unknown): void;
  /** Starts the silence timer anew. */
  heard(): void;
}

/** The server went silent, or away. */
export class ConnectionLost extends Error {}

/**
 * One LDAP connection, made of the library's messages and parser. The library's own client is not used, because it can
 * make a cut read look complete: it ends a paged search at the first empty page although the server gave a cookie to go
 * on, and it reconnects by itself, unbound, when the connection is lost. Here a lost connection stays lost.
 */
export class Connection {
  readonly #endpoint: Endpoint;
  readonly #parser = new MessageParser();
  readonly #exchanges = new Map<string, Exchange>();
  #socket: net.Socket;
  #lost: Error | null = null;
  #lastId = 0;

  private constructor(socket: net.Socket, endpoint: Endpoint) {
    this.#socket = socket;
    this.#endpoint = endpoint;
    this.#parser.on('message', (message) => this.#receive(message));
    this.#parser.on('error', (error) => this.#lose(error));
    this.#listen(socket);
  }

  /** Connects and secures the connection. Errors are the socket's and TLS's own; an abort rejects with `signal.reason`. */
  static async open(endpoint: Endpoint, signal: AbortSignal): Promise<Connection> {
    const socket = net.connect({ host: endpoint.host, port: endpoint.port, keepAlive: true });
    try {
      await connected(socket, 'connect', signal);
      const connection = new Connection(socket, endpoint);
      if (endpoint.security === 'startTls') {
        await connection.#request((messageId) => new ExtendedRequest({ messageId, oid: START_TLS }), signal);
      }
      if (endpoint.security !== 'none') await connection.#secure(signal);
      return connection;
    } catch (error) {
      // Also takes TLS on top of it down.
      socket.destroy();
      throw error;
    }
  }

  async bind(dn: string, password: string, signal: AbortSignal): Promise<void> {
    await this.#request((messageId) => new BindRequest({ messageId, dn, password }), signal);
  }

  /** A search without paging, for single entries. */
  async search(search: Search, signal?: AbortSignal): Promise<Page> {
    return await this.#request((messageId) => searchRequest(messageId, search), signal);
  }

  /** A paged search (RFC 2696), one page in memory at a time. It ends when the server gives no cookie, and only then. */
  async *pages(search: Search, size: number, signal?: AbortSignal): AsyncGenerator<Page> {
    let cookie: Buffer = Buffer.alloc(0);
    let emptyPages = 0;
    do {
      // Critical, so that a server without paging refuses instead of cutting the answer at its own limit.
      const control = new PagedResultsControl({ critical: true, value: { size, cookie } });
      const page = await this.#request((messageId) => searchRequest(messageId, search, control), signal);
      emptyPages = page.entries.length + page.references.length === 0 ? emptyPages + 1 : 0;
      if (emptyPages > MOST_EMPTY_PAGES) throw new ConnectionLost('The server keeps sending empty pages.');
      yield { entries: page.entries, references: page.references };
      cookie =
        page.response.controls?.find((found) => found instanceof PagedResultsControl)?.value?.cookie ?? Buffer.alloc(0);
    } while (cookie.length > 0);
  }

  /** Takes leave and closes the socket. May be called at any time, more than once. */
  async close(): Promise<void> {
    const isOpen = this.#lost === null;
    this.#fail(new ConnectionLost('The connection was closed.'));
    if (this.#socket.closed) return;
    const closed = new Promise((resolve) => this.#socket.once('close', resolve));
    if (isOpen) this.#socket.end(new UnbindRequest({ messageId: this.#lastId + 1 }).write());
    const timer = setTimeout(() => this.#socket.destroy(), FAREWELL_MS);
    await closed;
    clearTimeout(timer);
  }

  async #secure(signal: AbortSignal): Promise<void> {
    const plain = this.#socket;
    plain.removeAllListeners('data');
    const secure = tls.connect({ ...this.#endpoint.tls, socket: plain });
    this.#socket = secure;
    this.#listen(secure);
    await connected(secure, 'secureConnect', signal);
  }

  #listen(socket: net.Socket): void {
    socket.on('data', (data: Buffer) => this.#parser.read(data, this.#exchanges));
    socket.on('error', (error) => this.#lose(error));
    socket.on('close', () => this.#lose(new ConnectionLost('The server closed the connection.')));
  }

  async #request(build: (messageId: number) => Request, signal?: AbortSignal): Promise<Page & { response: Response }> {
    signal?.throwIfAborted();
    if (this.#lost !== null) throw this.#lost;
    this.#lastId += 1;
    const message = build(this.#lastId);
    const key = String(this.#lastId);
    const page: Page = { entries: [], references: [] };
    let timer: NodeJS.Timeout | undefined;
    let abort: (() => void) | undefined;
    try {
      const response = await new Promise<Response>((resolve, reject) => {
        const heard = (): void => {
          clearTimeout(timer);
          timer = setTimeout(
            () => this.#lose(new ConnectionLost('The server stopped answering.')),
            this.#endpoint.silenceMs,
          );
        };
        abort = () => reject(signal?.reason as Error);
        signal?.addEventListener('abort', abort);
        this.#exchanges.set(key, { ...page, message, resolve, reject, heard });
        heard();
        this.#socket.write(message.write());
      });
      if (response.status !== 0) throw StatusCodeParser.parse(response);
      return { ...page, response };
    } finally {
      clearTimeout(timer);
      if (abort !== undefined) signal?.removeEventListener('abort', abort);
      this.#exchanges.delete(key);
    }
  }

  #receive(message: Response): void {
    // Answers to requests given up, and notices of the server (id 0), have no exchange; after a notice it closes.
    const exchange = this.#exchanges.get(String(message.messageId));
    if (exchange === undefined) return;
    exchange.heard();
    if (message instanceof SearchEntry) exchange.entries.push(message);
    else if (message instanceof SearchReference) exchange.references.push(...message.uris);
    else exchange.resolve(message);
  }

  /** Ends the connection for good; everything under way fails with the first cause. */
  #lose(error: Error): void {
    this.#fail(error);
    this.#socket.destroy();
  }

  #fail(error: Error): void {
    this.#lost ??= error;
    for (const exchange of this.#exchanges.values()) exchange.reject(this.#lost);
  }
}

function searchRequest(messageId: number, search: Search, control?: PagedResultsControl): SearchRequest {
  // The library's default time limit is 10 s; the server's own and our wait for the next message take its place.
  return new SearchRequest({
    messageId,
    baseDN: search.base,
    scope: search.scope,
    filter: search.filter,
    attributes: [...search.attributes],
    sizeLimit: 0,
    timeLimit: 0,
    controls: control === undefined ? [] : [control],
  });
}

/** Waits for a socket's event; rejects with its error, when it closes, or with the reason of the signal. */
async function connected(socket: net.Socket, event: 'connect' | 'secureConnect', signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const settled = new AbortController();
  const options = { signal: settled.signal };
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once(event, () => resolve());
      socket.once('error', reject);
      socket.once('close', () => reject(new ConnectionLost('The server closed the connection.')));
      signal.addEventListener('abort', () => reject(signal.reason as Error), options);
    });
  } finally {
    settled.abort();
  }
}
