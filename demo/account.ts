import type { PlanReport } from '../model/run.ts';
import { memberOf, parsePath } from '../model/scim-path.ts';
import type { ScimValue } from '../model/user.ts';
import type { RequestLogEntry, Simulator, SimUser } from '../simulator/start.ts';
import { asTold } from './as-told.ts';
import { arrow, colours, fact, say } from './narrate.ts';
import type { ExpectedUser, Happening } from './story.ts';

/** A change as `report --json` has it. */
export type ReportedChange = PlanReport['changes'][number] & { status: string };

/** What one run did, in the product's words and in the simulator's. */
export interface RunEvidence {
  changes: readonly ReportedChange[];
  /** Genesys users before the run. */
  before: readonly SimUser[];
  /** Requests of the run. */
  requests: readonly RequestLogEntry[];
  simulator: Simulator;
}

/** Tells what became of one happening, person by person, and makes sure that it is what was to be expected. */
export function tellAccount({ expected, title }: Happening, evidence: RunEvidence): void {
  const change = changeOf(expected, evidence.changes);
  const user = userOf(expected.user, evidence.simulator);
  const earlier = evidence.before.find(({ userName }) => userName === expected.loginBefore);
  asTold(
    earlier === undefined || earlier.id === user.id,
    `${expected.user.displayName} should have stayed the same Genesys user, and is another`,
  );
  say(colours.bold(title));
  fact('what', `${change.kind} ${change.userName}`);
  fact('why', change.reason);
  tellValues(change, evidence.simulator);
  for (const request of requestsFor(user, evidence.requests)) {
    fact('Genesys Cloud', colours.dim(`${request.method} ${request.path} answered ${request.status}`));
  }
  fact('', `${expected.user.displayName} is ${user.state} there${stayed(expected)}`);
  say();
}

function stayed({ kind, loginBefore }: Happening['expected']): string {
  if (kind === 'deactivate') return ', never deleted: old calls and recordings keep the name';
  return loginBefore === null ? '' : ', the same user as before';
}

function changeOf({ kind, user }: Happening['expected'], changes: readonly ReportedChange[]): ReportedChange {
  const found = changes.filter((change) => change.userName === user.userName);
  const [change] = found;
  asTold(
    found.length === 1 && change?.kind === kind,
    `the run should have one ${kind} of ${user.displayName}, and has not`,
  );
  return change;
}

/** The Genesys user, who must be in every point what the story expects. */
function userOf(expected: ExpectedUser, simulator: Simulator): SimUser {
  const users = simulator.users().filter(({ userName }) => userName === expected.userName);
  const [user] = users;
  asTold(
    users.length === 1 && user !== undefined,
    `${expected.displayName} should be one user in Genesys Cloud, and is ${users.length}`,
  );
  const manager = simulator.users().find(({ id }) => id === user.manager)?.displayName ?? null;
  const actual = { ...user, manager };
  for (const name of Object.keys(expected) as (keyof ExpectedUser)[]) {
    const value = expected[name];
    asTold(
      actual[name] === value,
      `${name} of ${expected.displayName} should be ${value} in Genesys Cloud, and is ${actual[name]}`,
    );
  }
  return user;
}

function tellValues({ before, after }: ReportedChange, simulator: Simulator): void {
  const paths = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})]);
  for (const path of paths) {
    const [old, next] = [before, after].map((values) => text(values?.[path] ?? null, simulator));
    fact(parsePath(path)?.attribute ?? path, arrow(old ?? null, next ?? null));
  }
}

/** A value for people: of an object its `value`, a manager by name. */
function text(value: ScimValue | null, simulator: Simulator): string | null {
  if (value === null) return null;
  if (typeof value === 'object') {
    const inner = memberOf(value, 'value');
    return typeof inner === 'string' ? text(inner, simulator) : JSON.stringify(value);
  }
  return simulator.users().find(({ id }) => id === value)?.displayName ?? String(value);
}

function requestsFor(user: SimUser, requests: readonly RequestLogEntry[]): RequestLogEntry[] {
  return requests.filter(({ method, path, body }) => {
    if (method === 'POST') return JSON.stringify(body).includes(`"${user.userName}"`);
    return method !== 'GET' && path.includes(user.id);
  });
}
