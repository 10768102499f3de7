import type { NativeConnection } from '@temporalio/worker';
import { RollcallError } from '../model/errors.ts';
import { SEARCH_ATTRIBUTES } from '../model/search-attributes.ts';

/** Numbers of Temporal's `IndexedValueType` (temporal.api.enums.v1). */
const TYPE_NUMBERS = { KEYWORD: 2, INT: 3 } as const;

/** Registers the search attributes that are missing. Fails with one sentence when one exists with another type or may not be added. */
export async function registerSearchAttributes(connection: NativeConnection, namespace: string): Promise<void> {
  const { operatorService } = connection;
  const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
  const missing: Record<string, number> = {};
  for (const [name, type] of Object.entries(SEARCH_ATTRIBUTES)) {
    const found = customAttributes[name];
    if (found === undefined || found === null) missing[name] = TYPE_NUMBERS[type];
    else if (Number(found) !== TYPE_NUMBERS[type]) {
      const message = `Temporal's namespace ${namespace} has a search attribute ${name} of another type than ${type}; remove it there or use another namespace.`;
      throw new RollcallError('temporal.search-attributes', message);
    }
  }
  if (Object.keys(missing).length === 0) return;
  try {
    await operatorService.addSearchAttributes({ namespace, searchAttributes: missing });
  } catch (error) {
    if (await nowPresent(connection, namespace)) return;
    const commands = Object.keys(missing).join(', ');
    const message = `The search attributes ${commands} are missing in Temporal's namespace ${namespace} and this worker may not add them; let an administrator add them (temporal operator search-attribute create).`;
    throw new RollcallError('temporal.search-attributes', message, { cause: error });
  }
}

/** Another worker may have registered them at the same moment. */
async function nowPresent(connection: NativeConnection, namespace: string): Promise<boolean> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  return Object.keys(SEARCH_ATTRIBUTES).every((name) => name in customAttributes);
}
