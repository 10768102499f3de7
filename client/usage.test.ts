import { CommanderError } from 'commander';
import { expect, test } from 'vitest';
import { refusedCommand, usageSentence } from './usage.ts';

const UNKNOWN = { code: 'commander.unknownCommand' };
const MISSING = { code: 'commander.missingMandatoryOptionValue' };

test.each([
  ['a command of the program', MISSING, ['approve', '--json'], 'approve'],
  ['a command with a person', MISSING, ['link', 'ann'], 'link'],
  ['an unknown command', UNKNOWN, ['aprove'], null],
  ['an option where a command was due', MISSING, ['--jsn'], null],
  ['a command below schedule', MISSING, ['schedule', 'trigger'], 'schedule trigger'],
  ['an unknown command below schedule', UNKNOWN, ['schedule', 'triger'], 'schedule'],
  ['an option where a command below schedule was due', MISSING, ['schedule', '--jsn'], 'schedule'],
] as const)('the help to look at is that of what was typed: %s', (_, error, words, expected) => {
  expect(refusedCommand(error, words)).toBe(expected);
});

test('a refusal is one sentence that ends with the help to look at', () => {
  const error = new CommanderError(1, MISSING.code, "error: required option '--mode <mode>' not specified");
  expect(usageSentence(error, 'schedule trigger')).toBe(
    "Required option '--mode <mode>' not specified; see `rollcall schedule trigger --help`.",
  );
});
