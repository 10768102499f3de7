import { platformRefusal } from '../refusal.ts';
import { attributeNamed, schemaNamed, splitSchema, USER_ATTRIBUTES } from './schema.ts';

/** Names of the attributes to show. */
export type Projection = ReadonlySet<string>;

const ALWAYS = ['id', 'userName', 'active', 'meta'];
/** Attributes that cost the service further look-ups; they are why large pages may be throttled. */
const SECONDARY = ['externalId', 'roles', 'routingSkills', 'routingLanguages'];
/** Attributes that a list shows only on request. */
const NOT_IN_LISTS = ['groups', 'routingSkills', 'routingLanguages'];
const PARTS_TO_ASK_FOR = new Map([
  ['meta.version', 'meta'],
  ['meta.lastmodified', 'meta'],
  ['manager.value', 'manager'],
]);

const EVERYTHING = USER_ATTRIBUTES.map((definition) => definition.name).filter((name) => name !== 'password');

/**
 * What `attributes` and `excludedAttributes` (each repeatable, or comma-separated) leave to show. Core attributes go by
 * bare name or URN, those of extensions by URN only, a whole extension by its URN.
 * @throws Refusal 400 for a name that is not among the documented ones
 */
export function readProjection(
  kind: 'list' | 'single',
  wanted: readonly string[] | undefined,
  excluded: readonly string[] | undefined,
): Projection {
  const asked = namesOf(wanted, 'attributes');
  const left = namesOf(excluded, 'excludedAttributes');
  const shown = new Set(asked.length > 0 ? asked : kind === 'list' ? without(EVERYTHING, NOT_IN_LISTS) : EVERYTHING);
  for (const name of left) shown.delete(name);
  for (const name of ALWAYS) shown.add(name);
  return shown;
}

export function needsSecondaryLookups(projection: Projection): boolean {
  return SECONDARY.some((name) => projection.has(name));
}

function namesOf(values: readonly string[] | undefined, parameter: string): string[] {
  const texts = (values ?? []).flatMap((value) => value.split(',')).map((text) => text.trim());
  return texts.filter((text) => text !== '').flatMap((text) => attributesMeant(text, parameter));
}

function attributesMeant(text: string, parameter: string): string[] {
  const schema = schemaNamed(text);
  if (schema !== undefined) return EVERYTHING.filter((name) => attributeNamed(schema, name) !== undefined);
  const split = splitSchema(text);
  const name = split === null ? '' : (PARTS_TO_ASK_FOR.get(split.rest.toLowerCase()) ?? split.rest);
  const found = split === null ? undefined : attributeNamed(split.schema, name);
  if (found !== undefined && found.kind !== 'password') return [found.name];
  throw platformRefusal(400, 'invalid.query.param.value', `The parameter ${parameter} names an unknown attribute.`);
}

function without(names: readonly string[], excluded: readonly string[]): string[] {
  return names.filter((name) => !excluded.includes(name));
}
