import { expect, test } from 'vitest';
import { namedBy } from './find-person.ts';

const ANCHOR = '0a000000-0000-4000-8000-000000000001';

test.each([
  [ANCHOR, 'id', ANCHOR],
  [` {${ANCHOR.toUpperCase()}} `, 'id', ANCHOR],
  ['ann.lee@corp.example', 'login', 'ann.lee@corp.example'],
  [' Ann ', 'login', 'Ann'],
  ['a=b@corp.example', 'dn', 'a=b@corp.example'],
  ['CN=Lee\\, Ann,OU=Agents,DC=corp', 'dn', 'CN=Lee\\, Ann,OU=Agents,DC=corp'],
  ['2.5.4.3=Ann,dc=corp', 'dn', '2.5.4.3=Ann,dc=corp'],
  ['ann.lee+x=y@corp.example', 'login', 'ann.lee+x=y@corp.example'],
])('%j is taken as %s', (text, way, taken) => {
  expect(namedBy(text)).toEqual({ way, text: taken });
});
