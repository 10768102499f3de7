/** The tour went otherwise than it tells: the product, or the tour, has a defect. */
export class OtherwiseError extends Error {
  constructor(claim: string) {
    super(`The tour did not go as told: it says that ${claim}, and that is not so.`);
    this.name = new.target.name;
  }
}

/** The tour checks its own story as it tells it. @throws OtherwiseError naming the claim, one clause of a sentence */
export function asTold(condition: boolean, claim: string): asserts condition {
  if (!condition) throw new OtherwiseError(claim);
}
