import { describe, expect, test } from 'vitest';
import { parseArguments, UsageError } from './arguments.ts';

describe('the arguments of a benchmark', () => {
  test('have defaults that measure what the pages claim', () => {
    const limitMs = 1_800_000;
    expect(parseArguments(['scale'])).toEqual({ what: 'scale', limitMs, people: 20_000 });
    expect(parseArguments(['pace', '--windows', '5'])).toEqual({ what: 'pace', limitMs, windows: 5 });
    expect(parseArguments(['urgent', '--limit', '2m'])).toEqual({ what: 'urgent', limitMs: 120_000, times: 10 });
  });

  test.each([
    [[], 'Say what to measure: one of scale, pace, urgent.'],
    [['speed'], 'Say what to measure: one of scale, pace, urgent.'],
    [['toString'], 'Say what to measure: one of scale, pace, urgent.'],
    [['scale', 'pace'], 'Say what to measure: one of scale, pace, urgent.'],
    [['scale', '--people', 'many'], '--people takes a number from 1 on, not many.'],
    [['pace', '--people', '5'], 'The benchmark pace takes no --people.'],
    [['urgent', '--limit', '15'], '--limit takes a time such as 30s or 15m, not 15.'],
    [['urgent', '--quick'], "Unknown option '--quick'."],
  ])('that are wrong are answered by a sentence: %j', (args, sentence) => {
    expect(() => parseArguments(args)).toThrow(UsageError);
    expect(() => parseArguments(args)).toThrow(sentence);
  });
});
