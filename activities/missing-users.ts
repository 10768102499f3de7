import type { Candidate } from '../model/candidate.ts';
import type { Anchor } from '../model/entry.ts';
import type { ScimUser } from '../model/user.ts';
import type { DecisionTask } from './decide-candidates.ts';
import type { Dependencies } from './dependencies.ts';

/**
 * Finds out which linked users were deleted in Genesys Cloud. A listing trails writes: who is not in it is deleted only when
 * a look by id does not find him either. A run that listed nobody looks for those of whom it has reason to think so.
 */
export class MissingUsers {
  readonly #dependencies: Dependencies;
  readonly #task: DecisionTask;
  /** What a look found, by anchor, so that nobody is looked for twice in a run; null: deleted. */
  readonly #found = new Map<Anchor, ScimUser | null>();

  constructor(dependencies: Dependencies, task: DecisionTask) {
    this.#dependencies = dependencies;
    this.#task = task;
  }

  /** The same people, with what a look found out about the users of those who are missing. */
  async lookFor(people: readonly Candidate[]): Promise<Candidate[]> {
    const { genesys, state } = this.#dependencies;
    const { runId, signal, urgent } = this.#task;
    const call = { requests: { token: 0, read: 0, write: 0, throttled: 0 }, signal, urgent };
    const confirmed: Candidate[] = [];
    for (const person of people) {
      const { anchor, link } = person;
      if (link !== null && this.#isMissing(person) && !this.#found.has(anchor)) {
        this.#found.set(anchor, (await genesys.get(link.genesysId, call))?.user ?? null);
      }
      confirmed.push(this.#asFound(person));
    }
    if (call.requests.read > 0) await state.runs.addRequests(runId, call.requests);
    return confirmed;
  }

  #isMissing({ anchor, link, actual, desired }: Candidate): boolean {
    if (link === null || actual !== null || (!link.active && desired?.active !== true)) return false;
    return this.#task.inventoryComplete || this.#task.looked.has(anchor);
  }

  #asFound(person: Candidate): Candidate {
    const user = this.#found.get(person.anchor);
    if (user === undefined) return person;
    if (user === null) return { ...person, deleted: true };
    // A run that listed nobody compares with what was last written, here as everywhere.
    return this.#task.inventoryComplete ? { ...person, actual: user } : person;
  }
}
