/** The tour went otherwise than it tells: the product, or the tour, has a defect. */
export class OtherwiseError extends Error {
  constructor(what: string) {
    super(`The tour did not go as told: ${what}.`);
    this.name = new.target.name;
  }
}

/** The tour checks its own story as it tells it. @throws OtherwiseError with what should have been */
export function asTold(condition: boolean, what: string): asserts condition {
  if (!condition) throw new OtherwiseError(what);
}
