import type { SimulatorOptions } from '../options.ts';
import { invalidValue } from '../refusal.ts';
import { isUsable } from './references.ts';
import type { ListField } from './schema.ts';
import type { Email, ExternalId, ListItem, PhoneNumber, Proficiency, Role } from './sim-user.ts';
import { isAddress, isPhoneNumber } from './text-checks.ts';

const PHONE_TYPES = [
  ...['work', 'work2', 'work3', 'work4', 'home', 'mobile', 'other'],
  ...['microsoftteams', 'zoomphone', 'eightbyeight', 'ringcentral'],
];
const MOST_PROFICIENCIES = 50;
const MOST_EXTERNAL_IDS = 100;

type Check = (items: readonly ListItem[], options: SimulatorOptions) => readonly ListItem[];

const CHECKS: Record<ListField, Check> = {
  emails: checkEmails,
  phoneNumbers: checkPhoneNumbers,
  roles: checkRoles,
  routingSkills: (items, options) => checkProficiencies('skill', items, options.skills, options),
  routingLanguages: (items, options) => checkProficiencies('language', items, options.languages, options),
  externalIds: checkExternalIds,
};

/**
 * The items of a list attribute as they are stored: complete, without repetition.
 * @throws Refusal 400 invalidValue where an item is not one the service takes
 */
export function checkItems(
  field: ListField,
  items: readonly ListItem[],
  options: SimulatorOptions,
): readonly ListItem[] {
  return CHECKS[field](withoutRepetition(items), options);
}

function checkEmails(items: readonly ListItem[]): Email[] {
  const emails = items.map((item): Email => {
    if (item['type'] !== 'work') throw invalidValue('The type of an e-mail address must be work or other.');
    const value = textOf(item, 'value', 'emails');
    if (!isAddress(value)) throw invalidValue('emails holds a value that is no e-mail address.');
    return { type: 'work', value, primary: primaryOf(item) };
  });
  refuseTwice(
    emails.map((email) => email.type),
    'e-mail addresses of type',
  );
  return emails;
}

function checkPhoneNumbers(items: readonly ListItem[]): PhoneNumber[] {
  const numbers = items.map((item): PhoneNumber => {
    const type = textOf(item, 'type', 'phoneNumbers');
    if (!PHONE_TYPES.includes(type)) throw invalidValue(`Phone numbers have no type "${type}".`);
    const value = textOf(item, 'value', 'phoneNumbers');
    if (!isPhoneNumber(value)) throw invalidValue('Phone numbers must be in E.164 format or a tel URI.');
    return { type, value, primary: primaryOf(item) };
  });
  refuseTwice(
    numbers.map((number) => number.type),
    'phone numbers of type',
  );
  if (numbers.filter((number) => number.primary).length > 1) throw invalidValue('Only one phone number is primary.');
  return numbers;
}

function checkRoles(items: readonly ListItem[], options: SimulatorOptions): Role[] {
  return items
    .map((item): Role => ({ value: textOf(item, 'value', 'roles') }))
    .filter((role) => isUsable('role', role.value, options.roles, options));
}

function checkProficiencies(
  what: 'skill' | 'language',
  items: readonly ListItem[],
  names: readonly string[],
  options: SimulatorOptions,
): Proficiency[] {
  const found = items
    .map((item): Proficiency => {
      const proficiency = item['proficiency'] ?? 0;
      if (typeof proficiency !== 'number' || !(proficiency >= 0 && proficiency <= 5)) {
        throw invalidValue('Proficiency must be a number from 0.0 to 5.0.');
      }
      return { name: textOf(item, 'name', `the ${what} list`), proficiency };
    })
    .filter(({ name }) => isUsable(what, name, names, options));
  if (found.length > MOST_PROFICIENCIES) throw invalidValue(`A user has at most ${MOST_PROFICIENCIES} of each.`);
  refuseTwice(
    found.map(({ name }) => name),
    `${what} entries named`,
  );
  return found;
}

function checkExternalIds(items: readonly ListItem[]): ExternalId[] {
  if (items.length > MOST_EXTERNAL_IDS) throw invalidValue(`A user has at most ${MOST_EXTERNAL_IDS} external ids.`);
  return items.map((item) => ({
    authority: textOf(item, 'authority', 'externalIds'),
    value: textOf(item, 'value', 'externalIds'),
  }));
}

function textOf(item: ListItem, part: string, attribute: string): string {
  const value = item[part];
  if (typeof value !== 'string' || value === '') throw invalidValue(`${attribute} needs a text as ${part}.`);
  return value;
}

function primaryOf(item: ListItem): boolean {
  const primary = item['primary'] ?? false;
  if (typeof primary !== 'boolean') throw invalidValue('primary must be true or false.');
  return primary;
}

function refuseTwice(names: readonly string[], what: string): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw invalidValue(`There are two ${what} ${twice}.`);
}

function withoutRepetition(items: readonly ListItem[]): ListItem[] {
  const seen = new Map(
    items.map((item) => [JSON.stringify(Object.entries(item).sort(([one], [other]) => (one < other ? -1 : 1))), item]),
  );
  return [...seen.values()];
}
