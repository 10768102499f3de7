import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fileTime, generalizedTime, isoTime, moment } from './times.ts';

const iso = (milliseconds: number | null): string | null => (milliseconds === null ? null : isoTime(milliseconds));

describe('fileTime', () => {
  it.each([
    ['133485408000000000', '2024-01-01T00:00:00.000Z'],
    ['116444736000000000', '1970-01-01T00:00:00.000Z'],
    ['0', null],
    ['9223372036854775807', null],
    ['-1', null],
    ['never', null],
    ['', null],
  ])('of %j is %j', (text, expected) => {
    expect(iso(fileTime(text))).toBe(expected);
  });

  it('is exact to the millisecond', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('1700-01-01'), max: new Date('9999-01-01'), noInvalidDate: true }),
        (date) => {
          const ticks = (BigInt(date.getTime()) + 11_644_473_600_000n) * 10_000n;
          expect(fileTime(String(ticks))).toBe(date.getTime());
        },
      ),
    );
  });
});

describe('generalizedTime', () => {
  it.each([
    ['20261101083000Z', '2026-11-01T08:30:00.000Z'],
    ['20261101083000.5Z', '2026-11-01T08:30:00.500Z'],
    ['202611010830Z', '2026-11-01T08:30:00.000Z'],
    ['2026110108Z', '2026-11-01T08:00:00.000Z'],
    ['2026110108.25Z', '2026-11-01T08:15:00.000Z'],
    ['20261101083000+0130', '2026-11-01T07:00:00.000Z'],
    ['20261101083000-08', '2026-11-01T16:30:00.000Z'],
    ['00500101000000Z', '0050-01-01T00:00:00.000Z'],
    ['20260230000000Z', null],
    ['20261101240000Z', null],
    ['20261101083000', null],
    ['000001010000Z', '0000-01-01T00:00:00.000Z'],
    ['soon', null],
  ])('of %j is %j', (text, expected) => {
    expect(iso(generalizedTime(text))).toBe(expected);
  });
});

describe('moment', () => {
  it.each([
    ['2026-11-01', '2026-11-01T00:00:00.000Z'],
    ['20261101', '2026-11-01T00:00:00.000Z'],
    [' 20261101083000Z ', '2026-11-01T08:30:00.000Z'],
    ['2026-11-01T08:30:00+01:00', '2026-11-01T07:30:00.000Z'],
    ['133485408000000000', '2024-01-01T00:00:00.000Z'],
    ['0', null],
    ['2026-02-30', null],
    ['tomorrow', null],
    ['', null],
  ])('of %j is %j', (text, expected) => {
    expect(iso(moment(text))).toBe(expected);
  });
});
