import { scimRefusal } from '../refusal.ts';
import { parseComparisons, type Comparison } from './comparison.ts';
import { attributeNamed, CORE, partNamed, splitSchema, USER_SCHEMAS, type AttributeDefinition } from './schema.ts';

/** A PATCH path taken apart: `phoneNumbers[type eq "work"].value`. */
export interface AttributePath {
  definition: AttributeDefinition;
  /** All of these must hold for an item to be meant; null = no value filter. */
  selector: Comparison[] | null;
  part: string | null;
}

const REST = /^([A-Za-z$][\w$-]*)(?:\[(.*)\])?(?:\.([A-Za-z$][\w$-]*))?$/s;

/**
 * Reads a PATCH path. Core attributes may be bare; attributes of an extension need their full URN, the bare name is
 * refused. Null when the attribute is simply not in the schema, which the caller may refuse or drop.
 */
export function parseAttributePath(text: string): AttributePath | null {
  const split = splitSchema(text);
  const match = split === null ? null : REST.exec(split.rest);
  if (split === null && /^urn:.+:User:[A-Za-z]/i.test(text)) return null;
  if (split === null || match === null) throw invalidPath(text);
  const definition = attributeNamed(split.schema, match[1]!);
  if (definition === undefined) {
    if (split.schema === CORE && isExtensionName(match[1]!)) throw invalidPath(text);
    return null;
  }
  return { definition, selector: readSelector(definition, match[2], text), part: readPart(definition, match[3], text) };
}

export function invalidPath(text: string): Error {
  return scimRefusal(400, 'invalidPath', `The path "${text}" is not valid for this resource.`);
}

function isExtensionName(name: string): boolean {
  return USER_SCHEMAS.some((schema) => schema !== CORE && attributeNamed(schema, name) !== undefined);
}

function readSelector(definition: AttributeDefinition, text: string | undefined, path: string): Comparison[] | null {
  if (text === undefined) return null;
  const comparisons = parseComparisons(text);
  if (comparisons === null) throw scimRefusal(400, 'invalidFilter', `The value filter of "${path}" is not supported.`);
  if (definition.kind !== 'list' && definition.name !== 'groups') throw invalidPath(path);
  return comparisons.map((comparison) => {
    const name = partNamed(definition, comparison.name);
    if (name === undefined) throw invalidPath(path);
    return { name, value: comparison.value };
  });
}

function readPart(definition: AttributeDefinition, text: string | undefined, path: string): string | null {
  if (text === undefined) return null;
  const part = partNamed(definition, text);
  if (part === undefined) throw invalidPath(path);
  return part;
}
