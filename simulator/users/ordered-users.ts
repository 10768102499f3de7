import type { SimUser } from './sim-user.ts';

/** Users sorted by creation, so that a page is a slice and a change of one user costs a binary search. */
export class OrderedUsers {
  readonly #users: SimUser[] = [];

  get length(): number {
    return this.#users.length;
  }

  slice(start: number, end: number): SimUser[] {
    return this.#users.slice(start, end);
  }

  put(user: SimUser): void {
    const index = this.#position(user.sequence);
    const present = this.#users[index]?.sequence === user.sequence;
    this.#users.splice(index, present ? 1 : 0, user);
  }

  remove(user: SimUser): void {
    const index = this.#position(user.sequence);
    if (this.#users[index]?.sequence === user.sequence) this.#users.splice(index, 1);
  }

  /** Index of the first user that is not older than `sequence`. */
  #position(sequence: number): number {
    let low = 0;
    let high = this.#users.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#users[middle]!.sequence < sequence) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
