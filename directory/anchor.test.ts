import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anchorBytes, anchorOf, eitherFilter } from './anchor.ts';

describe('anchorOf', () => {
  it('turns the first three groups of 16 bytes round', () => {
    const bytes = Buffer.from('6d090c6c8728 9c4a8f8dd49b46ff229c'.replace(' ', ''), 'hex');
    expect(anchorOf(bytes)).toBe('6c0c096d-2887-4a9c-8f8d-d49b46ff229c');
  });

  it('takes UUID text in any case, with or without braces', () => {
    expect(anchorOf(Buffer.from('6C0C096D-2887-4A9C-8F8D-D49B46FF229C'))).toBe('6c0c096d-2887-4a9c-8f8d-d49b46ff229c');
    expect(anchorOf(Buffer.from('{6c0c096d-2887-4a9c-8f8d-d49b46ff229c}'))).toBe(
      '6c0c096d-2887-4a9c-8f8d-d49b46ff229c',
    );
  });

  it('takes nothing else', () => {
    for (const text of ['', '12345', '6c0c096d28874a9c8f8dd49b46ff229c', 'x6c0c096d-2887-4a9c-8f8d-d49b46ff229c']) {
      expect(anchorOf(Buffer.from(text))).toBeNull();
    }
  });

  it('undoes anchorBytes', () => {
    fc.assert(
      fc.property(fc.uuid(), (uuid) => {
        expect(anchorOf(anchorBytes(uuid))).toBe(uuid);
      }),
    );
  });
});

it('an attribute of unknown kind is asked for bytes and for text in either case', () => {
  const anchor = '6c0c096d-2887-4a9c-8f8d-d49b46ff229c';
  expect(eitherFilter('x', anchor)).toBe(
    String.raw`(|(x=\6d\09\0c\6c\87\28\9c\4a\8f\8d\d4\9b\46\ff\22\9c)(x=${anchor})(x=${anchor.toUpperCase()}))`,
  );
});
