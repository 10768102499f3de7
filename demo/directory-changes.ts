import { Attribute, Change, type Client, type Entry } from 'ldapts';
import type { Attributes } from '../test/support/ldif.ts';
import { arrow } from './narrate.ts';

/** One write to the directory, as an administrator makes it. */
export type DirectoryChange =
  | { do: 'add'; dn: string; attributes: Attributes }
  | { do: 'set'; dn: string; values: Record<string, string> }
  | { do: 'clear'; dn: string; attribute: string }
  | { do: 'rename'; dn: string; to: string }
  | { do: 'delete'; dn: string };

/** Writes it and gives the lines that tell it, values before and after as the directory has them. */
export async function carryOut(client: Client, change: DirectoryChange): Promise<string[]> {
  switch (change.do) {
    case 'add':
      await client.add(change.dn, change.attributes);
      return [`new entry ${change.dn}`];
    case 'set':
      return set(client, change.dn, change.values);
    case 'clear':
      return clear(client, change.dn, change.attribute);
    case 'rename':
      await client.modifyDN(change.dn, change.to);
      return [`entry: ${arrow(change.dn, change.to)}`];
    case 'delete':
      await client.del(change.dn);
      return [`deleted entry ${change.dn}`];
  }
}

async function set(client: Client, dn: string, values: Record<string, string>): Promise<string[]> {
  const before = await read(client, dn, Object.keys(values));
  const changes = Object.entries(values).map(
    ([type, value]) => new Change({ operation: 'replace', modification: new Attribute({ type, values: [value] }) }),
  );
  await client.modify(dn, changes);
  return Object.entries(values).map(([type, value]) => `${type}: ${arrow(valueOf(before, type), value)}`);
}

async function clear(client: Client, dn: string, type: string): Promise<string[]> {
  const before = await read(client, dn, [type]);
  await client.modify(dn, new Change({ operation: 'delete', modification: new Attribute({ type, values: [] }) }));
  return [`${type}: ${arrow(valueOf(before, type), null)}`];
}

async function read(client: Client, dn: string, attributes: string[]): Promise<Entry> {
  const { searchEntries } = await client.search(dn, { scope: 'base', attributes });
  return searchEntries[0] ?? { dn };
}

function valueOf(entry: Entry, type: string): string | null {
  const value = [entry[type] ?? []].flat()[0];
  return value === undefined ? null : String(value);
}
