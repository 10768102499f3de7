import { expect, test } from 'vitest';
import { stampOf } from './stamp.ts';
import { vendorOf } from './vendors.ts';

const now = new Date('2026-11-23T10:00:00Z');
const ad = vendorOf({ supportedcapabilities: ['1.2.840.113556.1.4.800'] });
const openLdap = vendorOf({});

test('a count of changes means something within one invocation of a controller only', () => {
  const attributes = { usnchanged: ['4711'], modifytimestamp: ['20261123095959.0Z'] };
  expect(stampOf(attributes, ad, { invocation: 'dc-1', now })).toEqual({ stamp: '4711', stampScope: 'dc-1' });
});

test('a change sequence number stands by itself', () => {
  const stamp = '20261123095959.123456Z#000000#000#000000';
  expect(stampOf({ entrycsn: [stamp] }, openLdap, { invocation: '', now })).toEqual({ stamp, stampScope: '' });
});

test.each([
  ['old enough', '20261123080000Z', ''],
  ['of the same second', '20261123100000Z', now.toISOString()],
  ['from a clock ahead of ours', '20261123100500Z', now.toISOString()],
  ['that is none', 'yesterday', now.toISOString()],
])('a time stamp %s', (_, stamp, stampScope) => {
  expect(stampOf({ modifytimestamp: [stamp] }, openLdap, { invocation: '', now })).toEqual({ stamp, stampScope });
});

test('an entry without any stamp never counts as unchanged', () => {
  expect(stampOf({}, openLdap, { invocation: '', now }).stampScope).toBe(now.toISOString());
});
