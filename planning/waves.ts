import type { ChangeKind, PlannedChange } from '../model/change.ts';
import type { Anchor } from '../model/entry.ts';

/** A change reduced to what its place in the order depends on. */
export interface LightChange {
  anchor: Anchor;
  kind: ChangeKind;
  /** Anchors that its references point to. */
  references: readonly Anchor[];
}

export interface WavePlan {
  /** Wave of each change, by anchor, from 0. */
  waves: Map<Anchor, number>;
  /** Lowest anchors of cycles, sorted: they come first, without their references ({@link cutManager}). */
  cut: Anchor[];
  /** Wave of the update that gives a cut one his references, and of any other second change of an anchor. */
  later: Map<Anchor, number>;
}

/** Kinds after which somebody is there whom others may point to. */
const ARRIVALS: ReadonlySet<ChangeKind> = new Set(['create', 'reactivate', 'recycle']);

/**
 * Puts managers before their reports among those who arrive in this plan, and updates after the arrival of whom they
 * point to. Deactivations, and whoever waits for nobody, are in wave 0. A cycle is cut at its lowest anchor.
 * Iterative; linear while each person points to one other, as with managers.
 */
export function assignWaves(light: readonly LightChange[]): WavePlan {
  const arrivals = new Arrivals(light.filter(({ kind }) => ARRIVALS.has(kind)));
  arrivals.arrange();
  const plan: WavePlan = { waves: new Map(), cut: arrivals.cut.sort(), later: new Map() };
  for (const anchor of plan.cut) plan.later.set(anchor, arrivals.waveAfter(anchor));
  for (const { anchor, kind, references } of light) {
    const own = arrivals.waveOf(anchor);
    if (own === null) plan.waves.set(anchor, kind === 'deactivate' ? 0 : arrivals.waveBehind(references));
    else if (ARRIVALS.has(kind)) plan.waves.set(anchor, own);
    else plan.later.set(anchor, Math.max(own + 1, arrivals.waveBehind(references)));
  }
  return plan;
}

/**
 * Splits a change whose references close a cycle: first without any reference, then an update that sets them when all
 * have a Genesys id. The update's operations are found when it is applied.
 */
export function cutManager(change: PlannedChange): { create: PlannedChange; update: PlannedChange } {
  const { desired } = change;
  const attributes = desired?.attributes ?? [];
  const references = new Set(attributes.filter(({ reference }) => reference !== null).map(({ path }) => path));
  const create: PlannedChange = {
    ...change,
    before: without(change.before, references),
    after: without(change.after, references),
    desired: desired && { ...desired, attributes: attributes.filter(({ path }) => !references.has(path)) },
  };
  const reason = 'manager set after both exist';
  return { create, update: { ...change, kind: 'update', reason, before: {}, after: {}, operations: [] } };
}

function without<T>(values: Record<string, T> | null, paths: ReadonlySet<string>): Record<string, T> | null {
  return values && Object.fromEntries(Object.entries(values).filter(([path]) => !paths.has(path)));
}

/**
 * Those who arrive, as a graph by index: an edge leads from somebody to whom he points to. Flat arrays, since a list
 * object for each of a million people costs more than all the rest.
 */
class Arrivals {
  readonly cut: Anchor[] = [];
  readonly #anchors: Anchor[];
  readonly #indexOf = new Map<Anchor, number>();
  readonly #managers: Edges;
  readonly #reports: Edges;
  readonly #waiting: Int32Array;
  readonly #wave: Int32Array;
  readonly #placed: Uint8Array;
  readonly #ready: number[] = [];

  constructor(rows: readonly LightChange[]) {
    this.#anchors = rows.map(({ anchor }) => anchor);
    this.#anchors.forEach((anchor, index) => this.#indexOf.set(anchor, index));
    const [from, to]: [number[], number[]] = [[], []];
    rows.forEach(({ references }, index) => {
      for (const manager of this.#indexes(references)) {
        if (manager === index) continue;
        from.push(index);
        to.push(manager);
      }
    });
    this.#managers = new Edges(rows.length, from, to);
    this.#reports = new Edges(rows.length, to, from);
    this.#waiting = Int32Array.from(rows, (_, index) => this.#managers.of(index).length);
    this.#wave = new Int32Array(rows.length);
    this.#placed = new Uint8Array(rows.length);
  }

  /** Wave of an arrival; null for anybody else. */
  waveOf(anchor: Anchor): number | null {
    const index = this.#indexOf.get(anchor);
    return index === undefined ? null : (this.#wave[index] ?? 0);
  }

  /** First wave after all these have arrived; those who do not arrive in this plan do not count. */
  waveBehind(anchors: readonly Anchor[]): number {
    return this.#indexes(anchors).reduce((wave, index) => Math.max(wave, (this.#wave[index] ?? 0) + 1), 0);
  }

  /** First wave after an arrival and all he points to. */
  waveAfter(anchor: Anchor): number {
    const index = this.#indexOf.get(anchor) ?? 0;
    const managers = this.#managers.of(index);
    return managers.reduce((wave, other) => Math.max(wave, (this.#wave[other] ?? 0) + 1), (this.#wave[index] ?? 0) + 1);
  }

  arrange(): void {
    this.#waiting.forEach((count, index) => {
      if (count === 0) this.#ready.push(index);
    });
    this.#placeReady();
    for (let index = 0; index < this.#anchors.length; index += 1) {
      while (this.#placed[index] === 0) this.#cutCycle(index);
    }
  }

  #indexes(anchors: readonly Anchor[]): number[] {
    const found = anchors.map((anchor) => this.#indexOf.get(anchor)).filter((index) => index !== undefined);
    return found.length < 2 ? found : [...new Set(found)];
  }

  #placeReady(): void {
    for (let next = this.#ready.pop(); next !== undefined; next = this.#ready.pop()) {
      this.#placed[next] = 1;
      const after = (this.#wave[next] ?? 0) + 1;
      for (const report of this.#reports.of(next)) this.#release(report, after);
    }
  }

  #release(report: number, wave: number): void {
    const waiting = this.#waiting[report] ?? 0;
    // A cut one waits for nobody any more: his wave stays.
    if (waiting === 0) return;
    this.#wave[report] = Math.max(this.#wave[report] ?? 0, wave);
    this.#waiting[report] = waiting - 1;
    if (waiting === 1) this.#ready.push(report);
  }

  /** Whoever is not placed waits for somebody not placed: following that leads into a cycle. */
  #cutCycle(start: number): void {
    const path: number[] = [];
    const positions = new Map<number, number>();
    let at = start;
    while (!positions.has(at)) {
      positions.set(at, path.length);
      path.push(at);
      at = this.#managers.of(at).find((manager) => this.#placed[manager] === 0) ?? at;
    }
    const cycle = path.slice(positions.get(at));
    const lowest = cycle.reduce((low, index) => (this.#anchorOf(index) < this.#anchorOf(low) ? index : low));
    this.cut.push(this.#anchorOf(lowest));
    this.#waiting[lowest] = 0;
    this.#wave[lowest] = 0;
    this.#ready.push(lowest);
    this.#placeReady();
  }

  #anchorOf(index: number): Anchor {
    return this.#anchors[index] ?? '';
  }
}

/** The edges of a graph, grouped by where they start. */
class Edges {
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
