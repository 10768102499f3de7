import { describe, expect, test } from 'vitest';
import { candidateOf, desiredUser, genesysUser, linkOf, owned } from '../test/support/people.ts';
import { behindGenesys, leftAlready } from './behind.ts';
import { olderState } from './older-state.ts';

const references = { idOf: () => null, stillThere: () => true };
const link = linkOf({ written: { ...linkOf().written, title: 'Agent' }, writtenHash: 'old' });
const desired = desiredUser([owned('title', 'Lead')]);
const actual = genesysUser({ title: 'Lead', meta: { version: '7' } });
const ahead = candidateOf({ desired, hash: 'new', link, actual });

describe('a link that Genesys Cloud is ahead of', () => {
  test('says afterwards what stands there, as if this state had seen it written', () => {
    expect(behindGenesys(ahead, references)).toEqual({
      link: { ...link, written: { ...link.written, title: 'Lead' }, writtenHash: 'new', version: '7' },
      retired: false,
    });
  });

  test.each([
    ['that is not behind', { link: { ...link, writtenHash: 'new' } }],
    ['whose user has yet to be written', { actual: { ...actual, title: 'Agent' } }],
    ['whose user is inactive', { actual: { ...actual, active: false } }],
    ['whose user nobody listed', { actual: null }],
    ['of somebody who is not there', { desired: null }],
    ['that was never made', { link: null }],
  ])('is told from one %s', (_, more) => {
    expect(behindGenesys({ ...ahead, ...more }, references)).toBeNull();
  });

  test('waits for a manager who is there until his leaving is done', () => {
    const written = { ...link.written, title: 'Lead', manager: { value: 'boss' } };
    const kept = { ...ahead, link: { ...link, written }, actual: { ...actual, manager: { value: 'boss' } } };
    const left = desiredUser([owned('title', 'Lead'), owned('manager', null)]);
    expect(behindGenesys({ ...kept, desired: left }, references)).toBeNull();
    expect(behindGenesys({ ...kept, desired: left, actual }, references)).not.toBeNull();
  });

  test('waits for a manager who has no user yet', () => {
    const waiting = desiredUser([owned('title', 'Lead'), owned('manager', null, { reference: 'somebody' })]);
    expect(behindGenesys({ ...ahead, desired: waiting }, references)).toBeNull();
  });
});

describe('a leaver', () => {
  const gone = candidateOf({ desired: null, present: false, link, actual: genesysUser({ active: false }) });

  test('who may not log in any more needs no write', () => {
    expect(leftAlready(gone)).toMatchObject({ link: { active: false, writtenHash: 'old' }, retired: false });
    expect(leftAlready({ ...gone, actual })).toBeNull();
    expect(leftAlready({ ...gone, actual: null })).toBeNull();
  });

  test('whose login went to somebody else keeps the one that he was given instead', () => {
    const retired = genesysUser({ active: false, userName: 'retired-0a000000-2@example.com' });
    expect(leftAlready({ ...gone, actual: retired })).toMatchObject({
      ...{ link: { userName: retired.userName, active: false }, retired: true },
    });
  });
});

test('a state looks old by what only Rollcall can have done, or by many links that are behind', () => {
  const none = { adopted: 0, behind: 0, retired: 0 };
  expect(olderState({ ...none, adopted: 2 }, true)).toContain('2 without a link');
  expect(olderState({ ...none, behind: 10 }, true)).toContain('10 whose user is ahead');
  expect(olderState({ adopted: 1, behind: 1, retired: 1 }, true)).toContain('1 of these retired');
  for (const signs of [none, { ...none, adopted: 1 }, { ...none, behind: 9 }])
    expect(olderState(signs, true)).toBeNull();
  expect(olderState({ ...none, adopted: 50 }, false)).toBeNull();
});
