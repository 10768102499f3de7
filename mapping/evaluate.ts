import type { BuiltIn, Expression, Outcome, Reading, Source, TemplatePart } from './mapping.ts';
import type { Scalar } from '../model/user.ts';
import { isBlank, withoutControls } from './text.ts';

const EMPTY: Outcome = { value: null };

/** The value of an expression for one entry: its first source with a value, through its transforms. */
export function evaluate(expression: Expression, reading: Reading): Outcome {
  for (const source of expression.sources) {
    const found = read(source, reading);
    if ('invalid' in found) return found;
    if (found.value !== null) return transformed(found.value, expression, reading);
  }
  return EMPTY;
}

function transformed(start: Scalar, expression: Expression, reading: Reading): Outcome {
  let value = start;
  for (const transform of expression.transforms) {
    const outcome = transform(value, reading);
    if ('invalid' in outcome || outcome.value === null) return outcome;
    if (outcome.value === '') return EMPTY;
    value = outcome.value;
  }
  return typeof value === 'string' && isBlank(value) ? EMPTY : { value };
}

function read(source: Source, reading: Reading): Outcome {
  switch (source.kind) {
    case 'attribute':
      return { value: firstText(source.name, reading) };
    case 'builtIn':
      return { value: builtIn(source.name, reading) };
    case 'constant':
      return { value: source.value };
    case 'template':
      return { value: fill(source.parts, reading) };
    case 'expression':
      return evaluate(source.expression, reading);
  }
}

function builtIn(name: BuiltIn, { entry }: Reading): Scalar {
  switch (name) {
    case '$enabled':
      return entry.enabled;
    case '$anchor':
      return entry.anchor;
    case '$vendor':
      return entry.vendor;
    case '$dn':
      return withoutControls(entry.dn);
  }
}

/** Gaps that missing attributes leave are closed; null when no attribute has a value. */
function fill(parts: readonly TemplatePart[], reading: Reading): string | null {
  const texts = parts.map((part) => {
    if (typeof part === 'string') return { text: part, found: false };
    const value = part.kind === 'attribute' ? firstText(part.name, reading) : String(builtIn(part.name, reading));
    return { text: value ?? '', found: value !== null };
  });
  if (!texts.some((part) => part.found)) return null;
  return texts
    .map((part) => part.text)
    .join('')
    .replace(/ {2,}/g, ' ')
    .trim();
}

/** The first value of an attribute, cleaned; null when absent or blank. */
function firstText(name: string, reading: Reading): string | null {
  const raw = firstValue(name, reading);
  if (raw === null) return null;
  const text = withoutControls(raw);
  const empty = isBlank(text);
  if (text !== raw) {
    const became = empty ? 'nothing else, so it counts as empty' : 'each run became one space';
    reading.warn(`${name} contains control characters; ${became}`);
  }
  return empty ? null : text;
}

/** The first value of an attribute as the server returned it; null when absent. */
export function firstValue(name: string, reading: Reading): string | null {
  const values = Object.hasOwn(reading.entry.attributes, name) ? (reading.entry.attributes[name] ?? []) : [];
  if (values.length > 1) reading.warn(`${name} has several values; the first one counts`);
  return values[0] ?? null;
}
