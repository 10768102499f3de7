import { afterAll, describe, expect, test } from 'vitest';
import { config, ConfigFolder } from '../test/support/config-folder.ts';
import type { Json } from '../test/support/config-folder.ts';

const folder = new ConfigFolder();
afterAll(() => folder.remove());
folder.write('yes.txt', 'true\n');

describe('what is not built yet is refused as such', () => {
  test.each<[string, Json, string]>([
    ['groups', config({}, { groups: ['CN=x,DC=y'] }), 'directories[0].groups asks for groups as scope'],
    [
      'group memberships',
      config({ groupMemberships: [{ from: 'CN=x', to: 'y' }] }),
      'groupMemberships asks for group memberships',
    ],
    [
      'clean-up steps',
      config({ leavers: { steps: { leaveQueues: true } } }),
      'leavers.steps.leaveQueues asks for clean-up steps',
    ],
    [
      'clean-up steps switched on by a variable',
      config({ leavers: { steps: { leaveQueues: '${file:yes.txt}' } } }),
      'leavers.steps.leaveQueues asks for clean-up steps',
    ],
    ['grace', config({ safety: { grace: '7d' } }), 'safety.grace asks for grace times'],
    ['notifications', config({ notify: { webhook: 'https://x.example' } }), 'notify asks for notifications'],
  ])('%s', (_, changes, sentence) => {
    expect(() => folder.load(changes)).toThrow(sentence);
    expect(() => folder.load(changes)).toThrow(expect.objectContaining({ code: 'config.unsupported' }));
  });
});
