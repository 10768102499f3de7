import { fail, isObject, keyOf } from './fault.ts';
import { DURATION, milliseconds } from './durations.ts';

interface Row {
  /** Key in rollcall.yaml; `[]` stands for every element. */
  key: string;
  feature: string;
  /** What to do instead. */
  remedy: string;
  /** Whether a value asks for the feature; values that merely state today's behaviour pass. */
  asks(value: unknown): boolean;
}

const isSet = (value: unknown): boolean => !(Array.isArray(value) && value.length === 0);
const isTrue = (value: unknown): boolean => value === true;
const isLong = (value: unknown): boolean =>
  typeof value === 'string' && DURATION.test(value) && milliseconds(value) > 0;

/** Features the configuration knows by name and Rollcall cannot do yet. Building one means deleting its row. */
const ROWS: readonly Row[] = [
  { key: 'directories[].groups', feature: 'groups as scope', remedy: 'use bases and filter', asks: isSet },
  { key: 'groupMemberships', feature: 'group memberships', remedy: 'remove the key', asks: isSet },
  { key: 'leavers.steps.revokeTokens', feature: 'clean-up steps', remedy: 'use false', asks: isTrue },
  { key: 'leavers.steps.leaveQueues', feature: 'clean-up steps', remedy: 'use false', asks: isTrue },
  { key: 'leavers.steps.releaseStation', feature: 'clean-up steps', remedy: 'use false', asks: isTrue },
  { key: 'safety.grace', feature: 'grace times', remedy: 'use 0s', asks: isLong },
  { key: 'notify', feature: 'notifications', remedy: 'remove the key', asks: isSet },
];

/** Refuses what is not built yet. `config` is the parsed file before defaults. */
export function refuseUnsupported(config: unknown): void {
  for (const row of ROWS) {
    for (const { key, value } of valuesAt(config, row.key.split('.'), '')) {
      if (!row.asks(value)) continue;
      fail(key, `asks for ${row.feature}, which are not available yet: ${row.remedy}.`, 'config.unsupported');
    }
  }
}

function valuesAt(holder: unknown, [step, ...rest]: string[], at: string): { key: string; value: unknown }[] {
  if (step === undefined) return holder === undefined ? [] : [{ key: at, value: holder }];
  const name = step.replace('[]', '');
  if (!isObject(holder) || !Object.hasOwn(holder, name)) return [];
  const value = holder[name];
  if (!step.endsWith('[]')) return valuesAt(value, rest, keyOf(at, name));
  const elements: unknown[] = Array.isArray(value) ? value : [];
  return elements.flatMap((element, index) => valuesAt(element, rest, keyOf(keyOf(at, name), index)));
}
