import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ANN, desiredUser, manager, owned } from '../test/support/people.ts';
import { anchorOf } from '../test/support/state.ts';
import { canonicalJson } from './canonical.ts';
import { hashBatch, hashClientId, hashDesired } from './hash.ts';

describe('canonical JSON', () => {
  it('does not depend on the order of keys', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (record) => {
        const turned = Object.fromEntries(Object.entries(record).reverse());
        expect(canonicalJson(turned)).toBe(canonicalJson(record));
        expect(JSON.parse(canonicalJson(record))).toEqual(JSON.parse(JSON.stringify(record)));
      }),
    );
  });

  it('keeps the order of lists', () => {
    expect(canonicalJson({ b: [2, 1], a: { d: 1, c: null } })).toBe('{"a":{"c":null,"d":1},"b":[2,1]}');
  });
});

describe('the hash of a desired user', () => {
  const ann = desiredUser([owned('title', 'Agent'), manager(anchorOf(7))]);
  const hash = hashDesired(ann);
  const differs = (attributes: Parameters<typeof desiredUser>[0], more: Parameters<typeof desiredUser>[1] = {}) =>
    expect(hashDesired(desiredUser(attributes, more))).not.toBe(hash);

  it('leaves out lifecycle, place and due time', () => {
    const moved = { ...ann, active: false, inactiveBecause: 'disabled', dn: 'CN=Ann,OU=Gone', directory: 'other' };
    expect(hashDesired({ ...moved, dueAt: '2027-01-01T00:00:00.000Z' })).toBe(hash);
  });

  it('does not depend on the order of attributes and lists', () => {
    const turned = { ...ann, attributes: [...ann.attributes].reverse(), ownedLists: ['b', 'a'] };
    expect(hashDesired(turned)).toBe(hashDesired({ ...ann, ownedLists: ['a', 'b'] }));
  });

  it('leaves out what is written at creation only', () => {
    const created = owned('preferredLanguage', 'de', { apply: 'createOnly' });
    expect(hashDesired({ ...ann, attributes: [...ann.attributes, created] })).toBe(hash);
  });

  it('sees values, references, empty ones and owned lists', () => {
    differs([owned('title', 'Boss'), manager(anchorOf(7))]);
    differs([owned('title', 'Agent'), manager(anchorOf(8))]);
    differs([owned('title', null), manager(anchorOf(7))]);
    differs([owned('title', 'Agent'), manager(anchorOf(7))], { ownedLists: ['phoneNumbers'] });
    const clear = hashDesired(desiredUser([owned('title', null, { onEmpty: 'clear' })]));
    expect(hashDesired(desiredUser([owned('title', null, { onEmpty: 'keep' })]))).not.toBe(clear);
  });

  it('without an unresolved reference is that of a user who has none, and differs from the full one', () => {
    const without = hashDesired(ann, new Set([anchorOf(7)]));
    expect(without).toBe(hashDesired(desiredUser([owned('title', 'Agent')])));
    expect(without).not.toBe(hash);
    expect(hashDesired(ann, new Set([anchorOf(9)]))).toBe(hash);
  });
});

describe('the hash of a batch', () => {
  const members = [
    { anchor: ANN, kind: 'update', genesysId: 'g1' },
    { anchor: anchorOf(2), kind: 'create', genesysId: null },
  ] as const;

  it('covers run, people, kinds and Genesys ids, in whatever order', () => {
    const hash = hashBatch('r1', members);
    expect(hashBatch('r1', [...members].reverse())).toBe(hash);
    expect(hashBatch('r2', members)).not.toBe(hash);
    expect(hashBatch('r1', members.slice(1))).not.toBe(hash);
    expect(
      hashBatch(
        'r1',
        members.map((member) => ({ ...member, kind: 'deactivate' })),
      ),
    ).not.toBe(hash);
    expect(
      hashBatch(
        'r1',
        members.map((member) => ({ ...member, genesysId: 'g9' })),
      ),
    ).not.toBe(hash);
  });
});

describe('the hash of a client id', () => {
  it('does not show it', () => {
    expect(hashClientId('my-client')).toMatch(/^[0-9a-f]{64}$/);
    expect(hashClientId('my-client')).not.toBe(hashClientId('my-client-2'));
  });
});
