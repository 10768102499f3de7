import type { ChangeKind } from '../model/change.ts';
import type { Anchor } from '../model/entry.ts';
import { Edges } from './edges.ts';

/** A change reduced to what its place in the order depends on. */
export interface LightChange {
  anchor: Anchor;
  kind: ChangeKind;
  /** Anchors that its references point to. */
  references: readonly Anchor[];
  /** The user that it changes; null where there is none yet. */
  genesysId: string | null;
  /** Genesys id of the user whose login it takes over; null when its login is free. */
  awaits: string | null;
  /** True when its user gives his login away. */
  frees: boolean;
}

export interface WavePlan {
  /** Wave of each change, by anchor, from 0. */
  waves: Map<Anchor, number>;
  /** Lowest anchors of circles of managers, sorted: they come first, without their references. */
  cut: Anchor[];
  /** Wave of the update that gives a cut one his references, and of any other second change of an anchor. */
  later: Map<Anchor, number>;
  /** People who get a temporary login in wave 0, so that their own is free; sorted. Their change follows in its wave. */
  moved: Anchor[];
  /** People of circles that nothing can cut, sorted: they cannot be written. */
  blocked: Anchor[];
}

/** Kinds after which somebody is there whom others may point to. */
const ARRIVALS: ReadonlySet<ChangeKind> = new Set(['create', 'reactivate', 'recycle']);

/**
 * Puts managers before their reports among those who arrive in this plan, updates after the arrival of whom they point
 * to, and whoever gives a login away before who takes it. Deactivations, and whoever waits for nobody, are in wave 0. A
 * circle is cut at its lowest anchor: one of logins by a temporary login, one of managers by setting him afterwards.
 * Iterative; linear while each person points to one other, as with managers.
 */
export function assignWaves(light: readonly LightChange[]): WavePlan {
  const awaited = new Set(light.flatMap(({ awaits }) => awaits ?? []));
  const isWaitedFor = (row: LightChange): boolean => row.frees && row.genesysId !== null && awaited.has(row.genesysId);
  const order = new Order(light.filter((row) => ARRIVALS.has(row.kind) || row.awaits !== null || isWaitedFor(row)));
  order.arrange();
  const { cut, moved, blocked } = order;
  const plan: WavePlan = {
    waves: new Map(),
    cut: cut.sort(),
    later: new Map(),
    moved: moved.sort(),
    blocked: blocked.sort(),
  };
  for (const anchor of plan.cut) plan.later.set(anchor, order.waveAfter(anchor));
  for (const row of light) {
    const { anchor, kind, references } = row;
    const own = order.waveOf(anchor);
    if (own === null) plan.waves.set(anchor, kind === 'deactivate' ? 0 : order.waveBehind(references));
    else if (order.isPlaced(row)) plan.waves.set(anchor, own);
    else plan.later.set(anchor, Math.max(own + 1, order.waveBehind(references)));
  }
  return plan;
}

/**
 * Those whose place depends on others, as a graph by index: an edge leads from somebody to whom he comes after. Flat
 * arrays, since a list object for each of a million people costs more than all the rest.
 */
class Order {
  readonly cut: Anchor[] = [];
  readonly moved: Anchor[] = [];
  readonly blocked: Anchor[] = [];
  readonly #rows: readonly LightChange[];
  readonly #indexOf = new Map<Anchor, number>();
  readonly #managers: Edges;
  readonly #reports: Edges;
  readonly #givers: Edges;
  readonly #takers: Edges;
  /** How many managers, and how many givers of a login, are still to come. */
  readonly #managersDue: Int32Array;
  readonly #giversDue: Int32Array;
  /** Earliest wave as far as managers, and as far as logins, are concerned. */
  readonly #behindManagers: Int32Array;
  readonly #behindGivers: Int32Array;
  readonly #placed: Uint8Array;
  readonly #cutManagers: Uint8Array;
  readonly #movedAway: Uint8Array;
  readonly #ready: number[] = [];

  constructor(rows: readonly LightChange[]) {
    this.#rows = rows;
    rows.forEach(({ anchor }, index) => {
      if (!this.#indexOf.has(anchor)) this.#indexOf.set(anchor, index);
    });
    const managers = edgesOf(rows, (index, { references }) => this.#arrivals(references, index));
    const givers = new Map(rows.flatMap((row, index) => (row.frees && row.genesysId ? [[row.genesysId, index]] : [])));
    const logins = edgesOf(rows, (_, { awaits }) => (awaits === null ? [] : [givers.get(awaits) ?? []].flat()));
    this.#managers = new Edges(rows.length, managers.from, managers.to);
    this.#reports = new Edges(rows.length, managers.to, managers.from);
    this.#givers = new Edges(rows.length, logins.from, logins.to);
    this.#takers = new Edges(rows.length, logins.to, logins.from);
    this.#managersDue = Int32Array.from(rows, (_, index) => this.#managers.of(index).length);
    this.#giversDue = Int32Array.from(rows, (_, index) => this.#givers.of(index).length);
    this.#behindManagers = new Int32Array(rows.length);
    this.#behindGivers = new Int32Array(rows.length);
    this.#placed = new Uint8Array(rows.length);
    this.#cutManagers = new Uint8Array(rows.length);
    this.#movedAway = new Uint8Array(rows.length);
  }

  /** Wave of somebody whose place depends on others; null for anybody else. */
  waveOf(anchor: Anchor): number | null {
    const index = this.#indexOf.get(anchor);
    return index === undefined ? null : this.#waveAt(index);
  }

  /** True for the change that {@link waveOf} is about, not for a second one of the same anchor. */
  isPlaced(row: LightChange): boolean {
    return this.#rows[this.#indexOf.get(row.anchor) ?? -1] === row;
  }

  /** First wave after all these have arrived; those who do not arrive in this plan do not count. */
  waveBehind(anchors: readonly Anchor[]): number {
    return this.#arrivals(anchors, -1).reduce((wave, index) => Math.max(wave, this.#waveAt(index) + 1), 0);
  }

  /** First wave after an arrival and all he points to. */
  waveAfter(anchor: Anchor): number {
    const index = this.#indexOf.get(anchor) ?? 0;
    const managers = this.#managers.of(index);
    return managers.reduce((wave, other) => Math.max(wave, this.#waveAt(other) + 1), this.#waveAt(index) + 1);
  }

  arrange(): void {
    for (let index = 0; index < this.#rows.length; index += 1) this.#readyWhenFree(index);
    this.#placeReady();
    for (let index = 0; index < this.#rows.length; index += 1) {
      while (this.#placed[index] === 0) this.#cutCircle(index);
    }
  }

  #arrivals(anchors: readonly Anchor[], but: number): number[] {
    const found = anchors
      .map((anchor) => this.#indexOf.get(anchor))
      .filter((index) => index !== undefined && index !== but && ARRIVALS.has(this.#rows[index]?.kind ?? 'update'));
    const indexes = found.filter((index) => index !== undefined);
    return indexes.length < 2 ? indexes : [...new Set(indexes)];
  }

  #waveAt(index: number): number {
    return Math.max(this.#behindManagers[index] ?? 0, this.#behindGivers[index] ?? 0);
  }

  #readyWhenFree(index: number): void {
    if (this.#placed[index] === 0 && this.#managersDue[index] === 0 && this.#giversDue[index] === 0) {
      this.#placed[index] = 1;
      this.#ready.push(index);
    }
  }

  #placeReady(): void {
    for (let next = this.#ready.pop(); next !== undefined; next = this.#ready.pop()) {
      const after = this.#waveAt(next) + 1;
      for (const report of this.#reports.of(next)) this.#managerCame(report, after);
      if (this.#movedAway[next] === 0) this.#loginFreed(next, after);
    }
  }

  #managerCame(report: number, wave: number): void {
    // A cut one waits for no manager any more: his wave stays.
    if (this.#cutManagers[report] === 1) return;
    this.#behindManagers[report] = Math.max(this.#behindManagers[report] ?? 0, wave);
    this.#managersDue[report] = (this.#managersDue[report] ?? 0) - 1;
    this.#readyWhenFree(report);
  }

  #loginFreed(giver: number, wave: number): void {
    for (const taker of this.#takers.of(giver)) {
      this.#behindGivers[taker] = Math.max(this.#behindGivers[taker] ?? 0, wave);
      this.#giversDue[taker] = (this.#giversDue[taker] ?? 0) - 1;
      this.#readyWhenFree(taker);
    }
  }

  /** Whoever is not placed comes after somebody not placed: following that leads into a circle. */
  #cutCircle(start: number): void {
    const circle = this.#circleFrom(start);
    const awaited = circle.filter((index, at) => this.#isAwaited(index, circle.at(at - 1) ?? index));
    const giver = this.#lowest(awaited.filter((index) => this.#rows[index]?.kind === 'update'));
    const report = this.#lowest(circle.filter((index) => this.#mayCut(index)));
    if (giver !== null) this.#moveAway(giver);
    else if (report !== null) this.#cutManager(report);
    else this.#block(circle);
    this.#placeReady();
  }

  #circleFrom(start: number): number[] {
    const path: number[] = [];
    const positions = new Map<number, number>();
    let at = start;
    while (!positions.has(at)) {
      positions.set(at, path.length);
      path.push(at);
      at = this.#unplacedBefore(at) ?? at;
    }
    return path.slice(positions.get(at));
  }

  #unplacedBefore(index: number): number | undefined {
    const isDue = (other: number): boolean => this.#placed[other] === 0;
    const manager = this.#cutManagers[index] === 1 ? undefined : this.#managers.of(index).find(isDue);
    return manager ?? this.#givers.of(index).find((other) => isDue(other) && this.#movedAway[other] === 0);
  }

  /** True when the one before in a circle waits for this one's login, not for his arrival. */
  #isAwaited(index: number, before: number): boolean {
    const waitsForManager = this.#cutManagers[before] === 0 && this.#managers.of(before).some((one) => one === index);
    return !waitsForManager && this.#givers.of(before).some((one) => one === index);
  }

  #mayCut(index: number): boolean {
    const isDue = (other: number): boolean => this.#placed[other] === 0;
    const arrives = ARRIVALS.has(this.#rows[index]?.kind ?? 'update');
    return arrives && this.#cutManagers[index] === 0 && this.#managers.of(index).some(isDue);
  }

  #lowest(indexes: readonly number[]): number | null {
    if (indexes.length === 0) return null;
    return indexes.reduce((low, index) => (this.#anchorOf(index) < this.#anchorOf(low) ? index : low));
  }

  #moveAway(index: number): void {
    this.moved.push(this.#anchorOf(index));
    this.#movedAway[index] = 1;
    this.#loginFreed(index, 1);
  }

  #cutManager(index: number): void {
    this.cut.push(this.#anchorOf(index));
    this.#cutManagers[index] = 1;
    this.#managersDue[index] = 0;
    this.#behindManagers[index] = 0;
    this.#readyWhenFree(index);
  }

  #block(circle: readonly number[]): void {
    const lowest = this.#lowest(circle) ?? 0;
    this.blocked.push(this.#anchorOf(lowest));
    this.#giversDue[lowest] = 0;
    this.#managersDue[lowest] = 0;
    this.#readyWhenFree(lowest);
  }

  #anchorOf(index: number): Anchor {
    return this.#rows[index]?.anchor ?? '';
  }
}

function edgesOf(
  rows: readonly LightChange[],
  ends: (index: number, row: LightChange) => readonly number[],
): { from: number[]; to: number[] } {
  const edges: { from: number[]; to: number[] } = { from: [], to: [] };
  rows.forEach((row, index) => {
    for (const end of ends(index, row)) {
      edges.from.push(index);
      edges.to.push(end);
    }
  });
  return edges;
}
