import type { PlannedChange } from '../model/change.ts';
import { withLogin } from './suffix.ts';

/**
 * Splits a change whose references close a circle: first without any reference, then an update that sets them when all
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
  const { predecessor: _predecessor, awaits: _awaits, ...person } = change;
  // The user whom a recycle retires is another person's: this one has no Genesys id yet.
  const update: PlannedChange = {
    ...person,
    kind: 'update',
    genesysId: null,
    reason,
    before: {},
    after: {},
    operations: [],
  };
  return { create, update };
}

/**
 * Splits an update whose login is part of a circle: first everything with a temporary login, so that the present one is
 * free, then the login alone, when whoever has it has given it away.
 */
export function moveAside(change: PlannedChange, temporary: string): { aside: PlannedChange; final: PlannedChange } {
  const { awaits: _awaits, ...person } = change;
  const { desired } = change;
  const login = { op: 'replace', path: 'userName' } as const;
  const others = (change.operations ?? []).filter(({ path }) => path.toLowerCase() !== 'username');
  const aside: PlannedChange = {
    ...person,
    part: 0,
    reason: `${change.reason}; a temporary login first, since logins change hands in a circle`,
    after: { ...change.after, userName: temporary },
    desired: desired && withLogin(desired, temporary),
    operations: [...others, { ...login, value: temporary }],
  };
  const final: PlannedChange = {
    ...change,
    part: 1,
    reason: 'userName changed; the temporary login gives way',
    before: { userName: temporary },
    after: { userName: desired?.userName ?? null },
    operations: [{ ...login, value: desired?.userName ?? '' }],
  };
  return { aside, final };
}

function without<T>(values: Record<string, T> | null, paths: ReadonlySet<string>): Record<string, T> | null {
  return values && Object.fromEntries(Object.entries(values).filter(([path]) => !paths.has(path)));
}
