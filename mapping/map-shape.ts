import type { ScimValue } from '../model/user.ts';
import { evaluate } from './evaluate.ts';
import type { Members, Reading, Shape } from './mapping.ts';
import { constantOf } from './rule-collector.ts';

/** Called with a phrase for each invalid part; that part then counts as empty. */
export type OnInvalid = (invalid: string) => void;

/** Builds the value of a shape for one entry; null when the directory has nothing for it. References have no value. */
export function mapShape(shape: Shape, reading: Reading, onInvalid: OnInvalid): ScimValue | null {
  switch (shape.kind) {
    case 'reference':
      return null;
    case 'object':
      return mapMembers(shape.members, reading, onInvalid);
    case 'list': {
      const values = shape.elements.map((element) => mapShape(element, reading, onInvalid));
      const present = values.filter((value) => value !== null);
      return present.length === 0 ? null : present;
    }
    case 'scalar': {
      const outcome = evaluate(shape.expression, reading);
      if (!('invalid' in outcome)) return outcome.value;
      onInvalid(outcome.invalid);
      return null;
    }
  }
}

/**
 * Builds an object. Null when everything the directory could fill is empty, or the `value` that the rest describes;
 * members without a value are left out.
 */
export function mapMembers(
  members: Members,
  reading: Reading,
  onInvalid: OnInvalid,
): Readonly<Record<string, ScimValue>> | null {
  const values = Object.entries(members).map(([name, shape]) => {
    return { name, fixed: constantOf(shape) !== null, value: mapShape(shape, reading, onInvalid) };
  });
  const filled = values.filter((member) => !member.fixed);
  if (filled.length > 0 && filled.every((member) => member.value === null)) return null;
  if (values.some((member) => member.name === 'value' && member.value === null)) return null;
  const present = values.flatMap(({ name, value }) => (value === null ? [] : [[name, value] as const]));
  return Object.fromEntries(present);
}
