/** The simulator's time: the machine's, plus whatever it was moved forward. Token life, rate windows and index lag follow it. */
export class Clock {
  #offset = 0;

  /** Milliseconds since 1970. */
  now(): number {
    return Date.now() + this.#offset;
  }

  iso(): string {
    return new Date(this.now()).toISOString();
  }

  /** Moves time forward, so that nobody has to wait for an expiry. */
  advance(milliseconds: number): void {
    if (!(milliseconds >= 0))
      throw new RangeError('The simulator clock only moves forward; give milliseconds of 0 or more.');
    this.#offset += milliseconds;
  }

  reset(): void {
    this.#offset = 0;
  }
}
