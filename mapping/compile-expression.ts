import { fault } from './fault.ts';
import { isScalar } from './lookup.ts';
import type { BuiltIn, Expression, Source, TemplatePart, Transform } from './mapping.ts';
import { didYouMean } from './suggest.ts';
import { compileTransform } from './transforms.ts';

export const BUILT_INS: readonly BuiltIn[] = ['$enabled', '$anchor', '$dn', '$vendor'];
/** Where a value comes from; an object with one of these keys is an expression, any other a nested object. */
export const SOURCE_KEYS = ['from', 'template', 'constant'];

// RFC 4512: a descriptor or an object identifier, with options such as `;lang-en`.
const ATTRIBUTE = /^(?:[A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)+)(?:;[A-Za-z0-9-]+)*$/;
/** Syntaxes that no text can be made of; entries come without them. */
const BINARY = new Map(
  [
    'objectGUID',
    'objectSid',
    'sIDHistory',
    'mS-DS-ConsistencyGuid',
    'jpegPhoto',
    'thumbnailPhoto',
    'userCertificate',
  ].map((name) => [name.toLowerCase(), name]),
);

/** Reads `from`, `template` or `constant` with its `transform`; keys that are not about the value are the caller's. */
export function compileExpression(source: Record<string, unknown>, where: string): Expression {
  const kinds = SOURCE_KEYS.filter((key) => key in source);
  if (kinds.length !== 1) fault(where, `needs exactly one of ${SOURCE_KEYS.join(', ')}.`);
  return { sources: readSources(source, where), transforms: readTransforms(source['transform'], `${where}.transform`) };
}

/** An expression that is one plain text: a directory attribute or a built-in source. */
export function attributeExpression(text: string, where: string): Expression {
  return { sources: [readName(text, where)], transforms: [] };
}

export function constantExpression(value: string | number | boolean): Expression {
  return { sources: [{ kind: 'constant', value }], transforms: [] };
}

function readSources(source: Record<string, unknown>, where: string): Source[] {
  if ('constant' in source) return [readConstant(source['constant'], `${where}.constant`)];
  if ('template' in source) return [readTemplate(source['template'], `${where}.template`)];
  const from = source['from'];
  if (!Array.isArray(from)) return [readSource(from, `${where}.from`)];
  if (from.length === 0) fault(`${where}.from`, 'is empty: name at least one directory attribute.');
  return from.map((element: unknown, index) => readSource(element, `${where}.from[${index}]`));
}

function readSource(source: unknown, where: string): Source {
  if (typeof source === 'string') return readName(source, where);
  if (typeof source !== 'object' || source === null || Array.isArray(source)) {
    fault(where, 'must be a directory attribute, or an object with from, template or constant.');
  }
  const allowed = [...SOURCE_KEYS, 'transform'];
  const unknown = Object.keys(source).find((key) => !allowed.includes(key));
  if (unknown !== undefined) fault(`${where}.${unknown}`, `is unknown here${didYouMean(unknown, allowed)}`);
  return { kind: 'expression', expression: compileExpression(source as Record<string, unknown>, where) };
}

function readName(text: string, where: string): Extract<Source, { kind: 'attribute' | 'builtIn' }> {
  if (text.startsWith('$')) {
    const name = BUILT_INS.find((candidate) => candidate === text);
    if (name === undefined) fault(where, `names an unknown source "${text}"${didYouMean(text, BUILT_INS)}`);
    return { kind: 'builtIn', name };
  }
  const binary = BINARY.get(text.toLowerCase());
  if (binary !== undefined) {
    const remedy = binary === 'objectGUID' ? 'write $anchor for the person’s immutable id.' : 'map a text attribute.';
    fault(where, `names ${binary}, which is binary: ${remedy}`);
  }
  if (!ATTRIBUTE.test(text)) {
    fault(where, `is "${text}", no name of a directory attribute; a fixed value is written { constant: … }.`);
  }
  return { kind: 'attribute', name: text.toLowerCase() };
}

function readConstant(value: unknown, where: string): Source {
  if (!isScalar(value)) fault(where, 'must be a text, a number, true or false.');
  return { kind: 'constant', value };
}

function readTemplate(template: unknown, where: string): Source {
  if (typeof template !== 'string') fault(where, 'must be a text such as "{givenName} {sn}".');
  const parts = template.split(/(\{\{|\}\}|\{[^{}]*\})/).flatMap((part): TemplatePart[] => {
    if (part === '{{' || part === '}}') return [part.slice(1)];
    if (part.startsWith('{') && part.endsWith('}')) return [readName(part.slice(1, -1).trim(), where)];
    if (/[{}]/.test(part)) fault(where, 'has a brace without its partner; a literal brace is written twice.');
    return part === '' ? [] : [part];
  });
  if (parts.every((part) => typeof part === 'string')) {
    fault(
      where,
      'names no directory attribute in braces, such as {givenName}; a fixed value is written { constant: … }.',
    );
  }
  return { kind: 'template', parts };
}

function readTransforms(source: unknown, where: string): Transform[] {
  if (source === undefined) return [];
  if (!Array.isArray(source)) return [compileTransform(source, where)];
  return source.map((element: unknown, index) => compileTransform(element, `${where}[${index}]`));
}

/** The attribute names a reference reads; a reference takes no transform, since a DN is not text to be changed. */
export function referenceAttributes(expression: Expression, where: string): string[] {
  if (expression.transforms.length > 0) fault(where, 'names another person, so it takes no transform.');
  return expression.sources.map((source) => {
    if (source.kind !== 'attribute')
      fault(where, 'names another person, so it takes directory attributes with a DN only.');
    return source.name;
  });
}
