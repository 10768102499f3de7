import type { Expression, Mapping, Rule, Shape, Source } from './mapping.ts';

/** Directory attributes that rules and `active` read, lower case, sorted. */
export function attributesOf(rules: readonly Rule[], active: Expression | null): string[] {
  const names = rules.flatMap((rule) => shapesOf(rule).flatMap(namesOfShape));
  return sorted([...names, ...(active === null ? [] : namesOfExpression(active))]);
}

/** Those of them that hold DNs of other people. */
export function referencesOf(rules: readonly Rule[]): string[] {
  const shapes = rules.flatMap(shapesOf);
  return sorted(shapes.flatMap((shape) => (shape.kind === 'reference' ? shape.attributes : [])));
}

/** Attributes that hold what people log in with, whatever the mapping takes the login from. */
const LOGIN_ATTRIBUTES: readonly string[] = ['userprincipalname', 'mail', 'uid', 'samaccountname'];

/** Directory attributes by which somebody is found who was named by login or mail. */
export function loginAttributes(mapping: Mapping): string[] {
  return [...new Set([...LOGIN_ATTRIBUTES, ...attributesOf([], mapping.userName)])];
}

function shapesOf(rule: Rule): Shape[] {
  return rule.kind === 'value' ? [rule.shape] : Object.values(rule.members);
}

function namesOfShape(shape: Shape): readonly string[] {
  switch (shape.kind) {
    case 'scalar':
      return namesOfExpression(shape.expression);
    case 'reference':
      return shape.attributes;
    case 'object':
      return Object.values(shape.members).flatMap(namesOfShape);
    case 'list':
      return shape.elements.flatMap(namesOfShape);
  }
}

function namesOfExpression(expression: Expression): string[] {
  return expression.sources.flatMap(namesOfSource);
}

function namesOfSource(source: Source): string[] {
  switch (source.kind) {
    case 'attribute':
      return [source.name];
    case 'template':
      return source.parts.flatMap((part) => (typeof part === 'object' && part.kind === 'attribute' ? [part.name] : []));
    case 'expression':
      return namesOfExpression(source.expression);
    default:
      return [];
  }
}

function sorted(names: readonly string[]): string[] {
  return [...new Set(names)].sort();
}
