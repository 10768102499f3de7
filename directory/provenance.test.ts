import { expect, test } from 'vitest';
import { provenanceOf } from './provenance.ts';
import { vendorOf } from './vendors.ts';

const ad = vendorOf({ supportedcapabilities: ['1.2.840.113556.1.4.800'] });
const openLdap = vendorOf({});
const sid = (rid: string): Buffer => Buffer.from(`010500000000000515000000a065cf7e784b9b5fe77c8770${rid}`, 'hex');
const DOMAIN = 'S-1-5-21-2127521184-1604012920-1887927527';

test('an entry of AD has its SID, all those that it had before, and when it was made', () => {
  const raw = new Map([
    ['objectsid', [sid('091c0100')]],
    ['sidhistory', [sid('50040000'), sid('51040000')]],
  ]);
  expect(provenanceOf(raw, { whencreated: ['20240301081500.0Z'] }, ad)).toEqual({
    sid: `${DOMAIN}-72713`,
    formerSids: [`${DOMAIN}-1104`, `${DOMAIN}-1105`],
    createdAt: '2024-03-01T08:15:00.000Z',
  });
});

test('an entry of another server has when it was made alone', () => {
  const raw = new Map([['objectsid', [sid('091c0100')]]]);
  expect(provenanceOf(raw, { createtimestamp: ['20240301081500Z'] }, openLdap)).toEqual({
    ...{ sid: null, formerSids: [], createdAt: '2024-03-01T08:15:00.000Z' },
  });
});

test('what cannot be read is left out', () => {
  expect(provenanceOf(new Map([['objectsid', [sid('091c0100')]]]), {}, ad)).toMatchObject({ createdAt: null });
  expect(provenanceOf(new Map(), { whencreated: ['20240301081500.0Z'] }, ad)).toMatchObject({
    ...{ sid: null, formerSids: [] },
  });
  expect(provenanceOf(new Map([['objectsid', [Buffer.from('none')]]]), { whencreated: ['soon'] }, ad)).toBeUndefined();
});
