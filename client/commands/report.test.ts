import { expect, test } from 'vitest';
import { ConfigError } from '../../model/errors.ts';
import { report } from './report.ts';

test('two things on stdout are refused before anything is opened', () => {
  expect(() => report({ config: '/nowhere/rollcall.yaml', csv: true, json: true }, 'last')).toThrow(ConfigError);
  expect(() => report({ config: '/nowhere/rollcall.yaml', csv: true, json: true }, 'last')).toThrow(/--csv a file/);
});
