/** So many parts a span of time is counted in. */
const PARTS = 60;

/** How often something happened within the span of time that ends now, to a sixtieth of that span. */
export class RecentCount {
  readonly #partMs: number;
  readonly #counts = new Map<number, number>();

  constructor(spanMs: number) {
    this.#partMs = spanMs / PARTS;
  }

  /** @param now ms since 1970, never earlier than before */
  add(now: number): void {
    const part = Math.floor(now / this.#partMs);
    this.#counts.set(part, (this.#counts.get(part) ?? 0) + 1);
    this.#forget(part);
  }

  at(now: number): number {
    this.#forget(Math.floor(now / this.#partMs));
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
  }

  #forget(part: number): void {
    for (const old of this.#counts.keys()) if (old <= part - PARTS) this.#counts.delete(old);
  }
}
