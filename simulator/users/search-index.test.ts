import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SearchIndex } from './search-index.ts';
import { blankUser, type SimUser } from './sim-user.ts';

const write = fc.record({
  person: fc.integer({ min: 1, max: 8 }),
  state: fc.constantFrom('active' as const, 'inactive' as const, 'deleted' as const),
  employeeNumber: fc.option(fc.constantFrom('1', '2', '3'), { nil: null }),
  manager: fc.option(fc.constantFrom('id1', 'id2'), { nil: null }),
});

function userOf(one: {
  person: number;
  state: SimUser['state'];
  employeeNumber: string | null;
  manager: string | null;
}) {
  const { person, ...rest } = one;
  return { ...blankUser(`id${person}`, `Person${person}@example.com`), sequence: person, ...rest };
}

const everything = { start: 0, count: 1000 };

describe('search index', () => {
  it('finds after any sequence of writes what a look at every user finds', () => {
    fc.assert(
      fc.property(fc.array(write, { maxLength: 40 }), fc.boolean(), (writes, inactiveToo) => {
        const index = new SearchIndex('client');
        const users = new Map<string, SimUser>();
        for (const user of writes.map(userOf)) {
          index.write(user, 0);
          users.set(user.id, user);
        }
        index.catchUp(0);
        const sorted = [...users.values()].sort((one, other) => one.sequence - other.sequence);
        const living = sorted.filter((user) => user.state === 'active' || (inactiveToo && user.state === 'inactive'));
        for (const value of ['1', '2', '3']) {
          const page = index.find({ by: 'key', attribute: 'employeeNumber', value }, everything, inactiveToo);
          expect(page.users).toEqual(living.filter((user) => user.employeeNumber === value));
        }
        const reports = index.find({ by: 'key', attribute: 'manager', value: 'id1' }, everything, inactiveToo);
        expect(reports.users).toEqual(living.filter((user) => user.manager === 'id1'));
        for (const active of [true, false]) {
          const page = index.find({ by: 'active', active }, everything, false);
          expect(page.users).toEqual(sorted.filter((user) => user.state === (active ? 'active' : 'inactive')));
        }
      }),
    );
  });

  it('shows a write only when its time has come', () => {
    const index = new SearchIndex('client');
    index.write(userOf({ person: 1, state: 'active', employeeNumber: '7', manager: null }), 1000);
    index.catchUp(999);
    expect(index.find({ by: 'id', id: 'ID1' }, everything, false).total).toBe(0);
    index.catchUp(1000);
    expect(index.find({ by: 'id', id: 'ID1' }, everything, false).total).toBe(1);
  });
});
