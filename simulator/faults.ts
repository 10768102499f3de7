import type { ScimType } from './refusal.ts';

/**
 * What goes wrong. `when: 'after'` lets the simulator carry the request out, and store what it writes, before things go
 * wrong: the client cannot know. `before` (the default) leaves no trace.
 */
export type FaultEffect =
  /**
   * Answers with that status. 429 carries `Retry-After` (`retryAfter` seconds, default 1). The body is the platform's
   * ErrorBody for that status (`code` and `message` override it), or a ScimError when `scimType` or `scim` is given.
   */
  | {
      kind: 'status';
      status: number;
      when?: 'before' | 'after';
      retryAfter?: number;
      code?: string;
      message?: string;
      scim?: boolean;
      scimType?: ScimType;
    }
  /**
   * Lets the client wait `ms` milliseconds, or until {@link Faults.release} when absent; then goes on as if nothing had
   * been. `before` is the nasty one: the request is carried out after its client gave up.
   */
  | { kind: 'hang'; when?: 'before' | 'after'; ms?: number }
  /** Answers properly, but only after `ms` milliseconds. */
  | { kind: 'slow'; ms: number }
  /** Cuts the connection. */
  | { kind: 'reset'; when?: 'before' | 'after' }
  /** Answers `status` (default 200) with half a JSON document, or with a web page. */
  | { kind: 'malformed'; body: 'json' | 'html'; when?: 'before' | 'after'; status?: number }
  /** Revokes every token before the request is looked at, so that it meets 401. */
  | { kind: 'revoke-tokens' };

/** Which requests suffer. A rule without conditions meets every request of its listener. */
export interface FaultRule {
  effect: FaultEffect;
  /** The API (default) or the token endpoint. */
  on?: 'api' | 'token';
  /** HTTP method, ignoring case. */
  method?: string;
  /** Regular expression over path and query, ignoring case: `/users$`, `/users/`, `filter=`. */
  path?: string;
  /** Login in the body, or of the user the path names by id; ignoring case. */
  userName?: string;
  /** The first matching request that suffers; 1 (default) is the next one. */
  nth?: number;
  /** How many suffer; null = all until the rule is cleared. Default 1. */
  count?: number | null;
}

/** Nothing works: connections to the API refused (its port is closed), cut, or answered 503. Token requests are cut or answered 503 alike. */
export type Outage = 'refused' | 'reset' | 'unavailable';

/** What a rule is matched against. */
export interface Encounter {
  on: 'api' | 'token';
  method: string;
  path: string;
  userNames: readonly string[];
}

interface Armed {
  id: number;
  rule: FaultRule;
  path: RegExp | null;
  toSkip: number;
  left: number;
}

/** A rule that is still to act. */
export interface PendingFault {
  id: number;
  rule: FaultRule;
  /** How many requests it will still hit; null = no end. */
  left: number | null;
}

/** The faults that are set up, and the requests they hold. */
export class Faults {
  readonly #revokeTokens: () => void;
  readonly #onOutage: (outage: Outage | null) => Promise<void>;
  readonly #held = new Set<() => void>();
  #armed: Armed[] = [];
  #outage: Outage | null = null;
  #lastId = 0;

  constructor(effects: { revokeTokens: () => void; onOutage: (outage: Outage | null) => Promise<void> }) {
    this.#revokeTokens = effects.revokeTokens;
    this.#onOutage = effects.onOutage;
  }

  /** Sets up a fault and returns its id. Of several rules the oldest that matches acts; a request meets one at most. */
  add(rule: FaultRule): number {
    const id = ++this.#lastId;
    const path = rule.path === undefined ? null : new RegExp(rule.path, 'i');
    const left = rule.count === null ? Number.POSITIVE_INFINITY : (rule.count ?? 1);
    this.#armed.push({ id, rule, path, toSkip: (rule.nth ?? 1) - 1, left });
    return id;
  }

  /** The rules that are still to act. */
  list(): PendingFault[] {
    return this.#armed.map(({ id, rule, left }) => ({ id, rule, left: Number.isFinite(left) ? left : null }));
  }

  /** Takes one rule away, or all; requests that hang already go on hanging. */
  clear(id?: number): void {
    this.#armed = id === undefined ? [] : this.#armed.filter((armed) => armed.id !== id);
  }

  /** Lets every request that hangs go on, and says how many there were. */
  release(): number {
    const held = [...this.#held];
    for (const letGo of held) letGo();
    return held.length;
  }

  /** Requests that hang at this moment. */
  get hanging(): number {
    return this.#held.size;
  }

  /** Makes every token handed out so far worthless. */
  revokeTokens(): void {
    this.#revokeTokens();
  }

  /** Starts an outage, or ends it with null. */
  async setOutage(outage: Outage | null): Promise<void> {
    this.#outage = outage;
    await this.#onOutage(outage);
  }

  get outage(): Outage | null {
    return this.#outage;
  }

  /**
   * The effect this request meets, if any; counts it off its rule. `early` are the effects that must come before the
   * request's token is looked at, `late` all others.
   */
  meet(encounter: Encounter, stage: 'early' | 'late'): FaultEffect | null {
    for (const armed of this.#armed) {
      const early = armed.rule.effect.kind === 'revoke-tokens';
      if (early !== (stage === 'early') || !meant(armed, encounter)) continue;
      if (armed.toSkip > 0) {
        armed.toSkip -= 1;
        continue;
      }
      armed.left -= 1;
      if (armed.left <= 0) this.clear(armed.id);
      return armed.rule.effect;
    }
    return null;
  }

  /** Holds a request for that long, or until it is released. */
  hold(ms: number | undefined): Promise<void> {
    return new Promise((resolve) => {
      let timer: NodeJS.Timeout | undefined;
      const letGo = (): void => {
        clearTimeout(timer);
        this.#held.delete(letGo);
        resolve();
      };
      if (ms !== undefined) timer = setTimeout(letGo, ms);
      this.#held.add(letGo);
    });
  }
}

function meant(armed: Armed, encounter: Encounter): boolean {
  const { rule, path } = armed;
  if ((rule.on ?? 'api') !== encounter.on) return false;
  if (rule.method !== undefined && rule.method.toUpperCase() !== encounter.method) return false;
  if (path !== null && !path.test(encounter.path)) return false;
  const userName = rule.userName?.toLowerCase();
  return userName === undefined || encounter.userNames.some((name) => name.toLowerCase() === userName);
}
