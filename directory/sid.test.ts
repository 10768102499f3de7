import { expect, test } from 'vitest';
import { sidOf } from './sid.ts';

const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex');

test.each([
  ['everyone', '0101 000000000001 00000000', 'S-1-1-0'],
  ['the local system', '0101 000000000005 12000000', 'S-1-5-18'],
  ['the administrators', '0102 000000000005 20000000 20020000', 'S-1-5-32-544'],
  [
    'somebody of a domain, with sub-authorities above 2^31',
    '0105 000000000005 15000000 c723ffd7 7c3755c8 945ace01 f5030000',
    'S-1-5-21-3623822279-3361027964-30300820-1013',
  ],
  [
    'somebody of a domain',
    '0105 000000000005 15000000 a065cf7e 784b9b5f e77c8770 091c0100',
    'S-1-5-21-2127521184-1604012920-1887927527-72713',
  ],
  ['an authority that takes six bytes', '0101 0123456789ab 01000000', 'S-1-0x0123456789AB-1'],
  ['as many sub-authorities as there may be', `010f 000000000005 ${'01000000'.repeat(15)}`, `S-1-5${'-1'.repeat(15)}`],
])('a SID is spelled as people write it: %s', (_, hex, text) => {
  expect(sidOf(bytes(hex))).toBe(text);
});

test.each([
  ['nothing', ''],
  ['text', Buffer.from('S-1-5-18').toString('hex')],
  ['another revision', '0201 000000000005 12000000'],
  ['no sub-authority', '0100 000000000005'],
  ['more sub-authorities than there may be', `0110 000000000005 ${'01000000'.repeat(16)}`],
  ['one that is cut short', '0102 000000000005 20000000 2002'],
  ['one with something behind it', '0101 000000000005 12000000 00'],
])('bytes that are no SID have no spelling: %s', (_, hex) => {
  expect(sidOf(bytes(hex))).toBeNull();
});
