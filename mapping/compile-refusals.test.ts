import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { ConfigError } from '../model/errors.ts';
import { compileMapping } from './compile.ts';

describe('a mapping that cannot work is refused in one sentence', () => {
  test.each([
    ['no object', '[]', 'the top level must be an object with SCIM attributes on the left.'],
    ['no login', 'title: title', 'userName is missing: every user needs a login, such as userName: mail.'],
    ['a login that is an object', 'userName: { value: mail }', 'userName must be a single value, such as mail.'],
    [
      'a display name that is a list',
      'userName: mail\ndisplayName: [cn]',
      'displayName must be a single value, such as mail.',
    ],
    [
      'a login that may be dropped',
      'userName: { from: mail, onInvalid: drop }',
      'userName cannot be dropped: every user needs one.',
    ],
    [
      'a login written once',
      'userName: { from: mail, apply: createOnly }',
      'userName cannot be createOnly: people are recognised by it.',
    ],
    ['no path', 'user Name: mail', 'user Name is no SCIM attribute or path; did you mean "userName"?'],
    ['no value', 'title:', 'title has no value: name a directory attribute, or remove it.'],
    [
      'no attribute',
      'title: job title',
      'title is "job title", no name of a directory attribute; a fixed value is written { constant: … }.',
    ],
    [
      'a binary attribute',
      'externalId: objectGUID',
      'externalId names objectGUID, which is binary: write $anchor for the person’s immutable id.',
    ],
    ['another binary attribute', 'title: jpegPhoto', 'title names jpegPhoto, which is binary: map a text attribute.'],
    ['an unknown built-in', 'active: $enable', 'active names an unknown source "$enable"; did you mean "$enabled"?'],
    [
      'an unknown transform',
      'title: { from: a, transform: [trim, lowr] }',
      'title.transform[1] names an unknown transform "lowr"; did you mean "lower"?',
    ],
    [
      'an unknown transform with an argument',
      'title: { from: a, transform: { trunc: 5 } }',
      'title.transform names an unknown transform "trunc"; did you mean "truncate"?',
    ],
    [
      'a missing argument',
      'title: { from: a, transform: truncate }',
      'title.transform needs an argument: write { truncate: … }.',
    ],
    [
      'an argument too many',
      'title: { from: a, transform: { lower: true } }',
      'title.transform takes no argument: write just lower.',
    ],
    [
      'two transforms in one',
      'title: { from: a, transform: { truncate: 1, maxLength: 2 } }',
      'title.transform must hold exactly one transform.',
    ],
    [
      'a transform that is a number',
      'title: { from: a, transform: 5 }',
      'title.transform must be the name of a transform, such as lower, or an object such as { truncate: 64 }.',
    ],
    [
      'a bad length',
      'title: { from: a, transform: { truncate: 0 } }',
      'title.transform.truncate must be a whole number from 1.',
    ],
    [
      'a bad start',
      'title: { from: a, transform: { substring: { start: -1 } } }',
      'title.transform.substring.start must be a whole number from 0.',
    ],
    [
      'a typo in an argument',
      'title: { from: a, transform: { substring: { strat: 1 } } }',
      'title.transform.substring.strat is unknown; did you mean "start"?',
    ],
    [
      'an empty mark',
      "title: { from: a, transform: { before: '' } }",
      'title.transform.before must be a text of at least one character.',
    ],
    [
      'nothing to replace with',
      'title: { from: a, transform: { replace: { text: x } } }',
      'title.transform.replace.with must be a text, which may be empty.',
    ],
    [
      'another value to differ from',
      'title: { from: a, transform: { differsFrom: mail } }',
      'title.transform.differsFrom must be userName, the only value that others are compared with.',
    ],
    [
      'no table',
      'title: { from: a, transform: { lookup: x } }',
      'title.transform.lookup must be a table of directory values and what they become.',
    ],
    [
      'a table with an object',
      'title: { from: a, transform: { lookup: { x: {} } } }',
      'title.transform.lookup.x must be a text, a number, true or false.',
    ],
    [
      'a table with a key twice',
      'title: { from: a, transform: { lookup: { x: 1, X: 2 } } }',
      'title.transform.lookup.X stands in the table twice; case makes no difference.',
    ],
    [
      'a typo beside a table',
      'title: { from: a, transform: { lookup: { x: 1 }, defualt: 2 } }',
      'title.transform.defualt is unknown; did you mean "default"?',
    ],
    [
      'a default that is a list',
      'title: { from: a, transform: { lookup: { x: 1 }, default: [] } }',
      'title.transform.default must be a text, a number, true, false or null.',
    ],
    [
      'two sources',
      'title: { from: a, constant: b }',
      'title needs exactly one of from, template, constant, items, object.',
    ],
    [
      'a source misspelled',
      'title: { form: a, transform: trim }',
      'title has transform but no source; did you mean "from" instead of "form"?',
    ],
    ['no source', 'title: { apply: createOnly }', 'title has apply but no source: add from, template or constant.'],
    ['an unknown option', 'title: { from: a, aply: always }', 'title.aply is unknown; did you mean "apply"?'],
    [
      'an unknown option below',
      'title: { from: [{ from: a, transfrom: trim }] }',
      'title.from[0].transfrom is unknown here; did you mean "transform"?',
    ],
    ['a bad policy', 'title: { from: a, onEmpty: drop }', 'title.onEmpty must be clear or keep.'],
    ['an empty from', 'title: { from: [] }', 'title.from is empty: name at least one directory attribute.'],
    [
      'a from that is a number',
      'title: { from: 5 }',
      'title.from must be a directory attribute, or an object with from, template or constant.',
    ],
    ['a constant that is a list', 'title: { constant: [] }', 'title.constant must be a text, a number, true or false.'],
    [
      'a template without a place',
      'title: { template: Agent }',
      'title.template names no directory attribute in braces, such as {givenName}; a fixed value is written { constant: … }.',
    ],
    [
      'a template with half a brace',
      "title: { template: '{sn' }",
      'title.template has a brace without its partner; a literal brace is written twice.',
    ],
    [
      'a template that is a number',
      'title: { template: 5 }',
      'title.template must be a text such as "{givenName} {sn}".',
    ],
    ['the same twice', 'title: a\nTitle: b', 'Title maps again what title maps: keep one of them.'],
    [
      'alias and URN',
      'department: a\nurn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department: b',
      'User:department maps again what department maps: keep one of them.',
    ],
    ['active twice', 'active: a\nActive: b', 'Active maps active again: keep one of them.'],
    [
      'an item twice',
      'emails: [{ type: work, value: a }, { type: work, value: b }]',
      'emails[1] maps again what emails[0] maps: keep one of them.',
    ],
    [
      'a sub-attribute twice',
      'name.givenName: a\nname: { familyName: b }',
      'name maps again what name.givenName maps: keep one of them.',
    ],
    [
      'a list as a whole and by item',
      'tags: [a, b]\ntags[work]: c',
      'tags[work] maps an item of what tags maps as a whole: keep one of them.',
    ],
    [
      'two policies for one item',
      'emails[work].value: { from: a, onEmpty: keep }\nemails[work].display: { from: b, onEmpty: clear }',
      'emails[work].display has another onEmpty than emails[work].value, which is the same value: give both the same.',
    ],
    [
      'a policy inside an item',
      'emails: [{ type: work, value: { from: a, onEmpty: keep } }]',
      'emails[0].value.onEmpty belongs to a whole attribute: give the item a line of its own, such as phoneNumbers[work].value.',
    ],
    [
      'an unknown option inside an item',
      'emails: [{ type: work, value: { from: a, transfrom: trim } }]',
      'emails[0].value.transfrom is not possible here; did you mean "transform"?',
    ],
    [
      'an item that cannot be told apart',
      'emails: [{ display: x, note: mail }]',
      'emails[0] needs one of type, authority, name, primary, value, id',
    ],
    [
      'an item that sets its own selector',
      'emails[work]: { type: home, value: mail }',
      'emails[work] sets type, which its own left side fixes already.',
    ],
    [
      'a list for one item',
      'emails[work]: [{ value: mail }]',
      'emails[work] names one item on the left, so a list on the right is one too many.',
    ],
    [
      'one item to be replaced as a whole list',
      'emails[work]: { from: mail, patch: whole }',
      'emails[work].patch replaces a whole list, so the left side must name the list.',
    ],
    [
      'a single value to be replaced as a whole list',
      'title: { from: title, patch: whole }',
      'title.patch is about lists: of anything else the whole value is replaced anyway.',
    ],
    ['an empty list', 'emails: []', 'emails is an empty list: remove it, or give it an item.'],
    ['an empty object', 'name: {}', 'name is an empty object: remove it, or give it a sub-attribute.'],
    [
      'a mixed list',
      'emails: [{ value: mail }, mail]',
      'emails mixes items with plain values: make every element an item such as { value: … }.',
    ],
    ['items that are no list', 'emails: { items: mail }', 'emails.items must be a list.'],
    [
      'a transform of a whole list',
      'emails: { items: [{ value: mail }], transform: trim }',
      'emails.transform belongs to the single values below, not to the whole.',
    ],
    ['an object that is none', 'name: { object: mail }', 'name.object must be an object of sub-attributes.'],
    ['a bad sub-attribute', "name: { 'given name': givenName }", 'name.given name is no name of a sub-attribute.'],
    [
      'an extension without attributes',
      'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User: department',
      'names a whole extension, so its attributes must stand below it.',
    ],
    [
      'active with a policy',
      'active: { from: a, onInvalid: drop }',
      'active.onInvalid is not possible: active follows the directory, and parks when unreadable.',
    ],
    ['active as a list', 'active: [a]', 'active must be one value, such as $enabled.'],
    [
      'a constant manager',
      'manager: { constant: x }',
      'manager names another person, so it takes directory attributes with a DN only.',
    ],
    [
      'a transformed manager',
      'manager: { from: manager, transform: lower }',
      'manager names another person, so it takes no transform.',
    ],
    [
      'a manager’s name',
      'manager.displayName: manager',
      'manager.displayName cannot be mapped: of a manager only the person himself is written.',
    ],
    [
      'a manager as a list',
      'manager: [manager]',
      'manager must be one directory attribute with the manager’s DN, such as manager.',
    ],
    ['a reference that is no yes', 'title: { from: a, reference: 1 }', 'title.reference must be true, or absent.'],
    ['schemas that are no list', 'schemas: urn:x', 'schemas must be a list of user schema URNs.'],
    [
      'a NUL in a constant',
      'title: { constant: "a\\0b" }',
      'title.constant contains a control character, such as a line break or NUL: remove it.',
    ],
  ])('%s', (_, yaml, sentence) => {
    const login = /userName|^\[\]|no login/i.test(yaml) || yaml === 'title: title' ? '' : 'userName: mail\n';
    const compile = (): unknown =>
      compileMapping(parse(yaml.startsWith('[') ? yaml : `${login}${yaml}`), 'mapping.yaml');
    expect(compile).toThrow(ConfigError);
    expect(compile).toThrow(expect.objectContaining({ code: 'mapping.invalid' }));
    expect(compile).toThrow(/^In mapping\.yaml, /);
    expect(compile).toThrow(sentence);
  });
});
