import { expect, test } from 'vitest';
import { runDetails } from '../../test/support/run-details.ts';
import { changesCsv, toCsv } from './csv.ts';

test('fields with commas, quotes or line ends stand in quotes, quotes doubled', () => {
  expect(toCsv([['plain', 'a,b', 'say "hi"', 'two\r\nlines', 'two\nlines', '']])).toBe(
    'plain,"a,b","say ""hi""","two\r\nlines","two\nlines",\r\n',
  );
});

test.each(['=1+1', '+1', '-1', '@sum', '\t=1', '\r=1'])('%j is not left to a spreadsheet as a formula', (text) => {
  expect(toCsv([[text]])).toMatch(/^"?'/);
});

test('a formula with a comma is both quoted and defused', () => {
  expect(toCsv([['=cmd("a",1)']])).toBe('"\'=cmd(""a"",1)"\r\n');
});

test('a run has one line a change under a head, with as many fields each', () => {
  const lines = changesCsv(runDetails()).split('\r\n');
  expect(lines).toHaveLength(4);
  expect(lines[0]).toMatch(/^run,kind,status,userName,/);
  expect(lines[1]).toContain(',update,applied,ann.lee@example.com,');
  expect(lines[1]).toContain('"{""title"":""Agent""}","{""title"":""Lead""}"');
  expect(lines[2]).toContain(',create,parked,');
  expect(lines[3]).toBe('');
});

test('a run without changes is the head alone', () => {
  expect(changesCsv(runDetails({ changes: [] })).split('\r\n')).toHaveLength(2);
});
