import { describe, expect, test } from 'vitest';
import { MANAGER_PATH, changeOf, desiredUser, linkOf, manager, owned } from '../test/support/people.ts';
import { cutManager, moveAside } from './split-change.ts';

describe('the two changes of a cut one', () => {
  const desired = desiredUser([owned('title', 'Agent'), manager('bob')]);
  const after = { title: 'Agent', [MANAGER_PATH]: { value: 'bob-id' }, active: true };
  const { create, update } = cutManager(changeOf({ desired, after }));

  test('the create has everything but the reference', () => {
    expect(create).toMatchObject({ kind: 'create', reason: 'new in corp-ad', after: { title: 'Agent', active: true } });
    expect(create.after).not.toHaveProperty([MANAGER_PATH]);
    expect(create.desired?.attributes.map(({ path }) => path)).toEqual(['displayName', 'title', 'userName']);
  });

  test('the update brings the reference when both exist', () => {
    expect(update).toMatchObject({
      anchor: create.anchor,
      kind: 'update',
      reason: 'manager set after both exist',
      operations: [],
      desired,
    });
  });

  test('the update after a recycle is of the newcomer, whose user is not there yet, and not of the retired one', () => {
    const { anchor, genesysId, userName, displayName } = linkOf({ anchor: 'elder' });
    const predecessor = { anchor, genesysId, userName, displayName, retirement: null };
    const change = changeOf({ kind: 'recycle', genesysId, desired, after, predecessor });
    const split = cutManager(change);
    expect(split.create).toMatchObject({ kind: 'recycle', genesysId, predecessor });
    expect(split.update).toMatchObject({ kind: 'update', genesysId: null });
    expect(split.update).not.toHaveProperty('predecessor');
  });
});

describe('the two parts of a change whose login is part of a circle', () => {
  const desired = desiredUser([owned('title', 'Agent')], { userName: 'bob@example.com' });
  const change = changeOf({
    kind: 'update',
    genesysId: 'ann-id',
    desired,
    reason: 'title and userName changed',
    before: { title: 'Trainee', userName: 'ann@example.com' },
    after: { title: 'Agent', userName: 'bob@example.com' },
    operations: [
      { op: 'replace', path: 'title', value: 'Agent' },
      { op: 'replace', path: 'userName', value: 'bob@example.com' },
    ],
    awaits: { genesysId: 'bob-id', displayName: 'Bob' },
  });
  const { aside, final } = moveAside(change, 'moving-0a000000@example.com');

  test('the first writes everything, with a temporary login, and waits for nobody', () => {
    expect(aside).toMatchObject({
      part: 0,
      before: { title: 'Trainee', userName: 'ann@example.com' },
      after: { title: 'Agent', userName: 'moving-0a000000@example.com' },
      operations: [
        { op: 'replace', path: 'title', value: 'Agent' },
        { op: 'replace', path: 'userName', value: 'moving-0a000000@example.com' },
      ],
    });
    expect(aside.desired?.userName).toBe('moving-0a000000@example.com');
    expect(aside.desired?.attributes).toContainEqual(owned('userName', 'moving-0a000000@example.com'));
    expect(aside).not.toHaveProperty('awaits');
  });

  test('the second writes the login alone, after whoever has it', () => {
    expect(final).toMatchObject({
      part: 1,
      before: { userName: 'moving-0a000000@example.com' },
      after: { userName: 'bob@example.com' },
      operations: [{ op: 'replace', path: 'userName', value: 'bob@example.com' }],
      desired,
      awaits: { genesysId: 'bob-id' },
    });
  });
});
