/** The edges of a graph, grouped by where they start. Flat arrays, for a million nodes. */
export class Edges {
  readonly #ends: Int32Array;
  readonly #first: Int32Array;

  constructor(nodes: number, from: readonly number[], to: readonly number[]) {
    this.#first = new Int32Array(nodes + 1);
    for (const node of from) this.#first[node + 1] = (this.#first[node + 1] ?? 0) + 1;
    for (let node = 0; node < nodes; node += 1) {
      this.#first[node + 1] = (this.#first[node + 1] ?? 0) + (this.#first[node] ?? 0);
    }
    this.#ends = new Int32Array(to.length);
    const next = this.#first.slice();
    from.forEach((node, edge) => {
      const position = next[node] ?? 0;
      this.#ends[position] = to[edge] ?? 0;
      next[node] = position + 1;
    });
  }

  of(node: number): Int32Array {
    return this.#ends.subarray(this.#first[node], this.#first[node + 1]);
  }
}
