import {
  AndFilter,
  ApproximateFilter,
  EqualityFilter,
  ExtensibleFilter,
  type Filter,
  GreaterThanEqualsFilter,
  LessThanEqualsFilter,
  NotFilter,
  OrFilter,
  PresenceFilter,
  SubstringFilter,
} from 'ldapts';
import { DirectoryError } from '../model/errors.ts';

/** Deeper filters than this are refused by servers too; the bound keeps the parser's recursion small. */
const DEEPEST = 100;

/** What is wrong with a search filter (RFC 4515), as one phrase that names the place; null when nothing is. */
export function checkFilter(filter: string): string | null {
  try {
    parseFilter(filter);
    return null;
  } catch (error) {
    if (error instanceof DirectoryError) return error.message;
    throw error;
  }
}

/**
 * Reads a search filter (RFC 4515; surrounding parentheses may be missing). The library's own parser is not used: it
 * takes each hex pair as a character, so that `\c3\bc` and every binary value ask for something else, and it knows
 * neither options (`cn;lang-de`) nor OIDs as attributes.
 * @throws DirectoryError `directory.filter`
 */
export function parseFilter(text: string): Filter {
  const trimmed = text.trim();
  const parser = new FilterReader(trimmed.startsWith('(') ? trimmed : `(${trimmed})`);
  return parser.readAll();
}

const ATTRIBUTE = String.raw`(?:[A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)+)(?:;[A-Za-z0-9-]+)*`;
const SIMPLE = new RegExp(`^\\s*(${ATTRIBUTE})\\s*(=|>=|<=|~=)(.*)$`, 's');
const EXTENSIBLE = new RegExp(`^\\s*(${ATTRIBUTE})?(:dn)?(?::([A-Za-z0-9][A-Za-z0-9.-]*))?:=(.*)$`, 'is');

class FilterReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  readAll(): Filter {
    const filter = this.#read(0);
    this.#skipSpace();
    if (this.#at < this.#text.length) this.#fail('the filter goes on after its last parenthesis');
    return filter;
  }

  #read(depth: number): Filter {
    if (depth > DEEPEST) this.#fail('the filter is nested too deeply');
    this.#expect('(');
    this.#skipSpace();
    const operator = this.#text[this.#at];
    if (operator === '&' || operator === '|' || operator === '!') {
      this.#at += 1;
      return this.#readCombination(operator, depth);
    }
    const end = this.#text.slice(this.#at).search(/[()]/);
    if (end === -1 || this.#text[this.#at + end] === '(') this.#fail('a closing parenthesis is missing');
    const filter = this.#comparison(this.#text.slice(this.#at, this.#at + end));
    this.#at += end;
    this.#expect(')');
    return filter;
  }

  #readCombination(operator: '&' | '|' | '!', depth: number): Filter {
    const filters: Filter[] = [];
    for (this.#skipSpace(); this.#text[this.#at] === '('; this.#skipSpace()) filters.push(this.#read(depth + 1));
    this.#expect(')');
    if (operator === '&') return new AndFilter({ filters });
    if (operator === '|') return new OrFilter({ filters });
    const [negated] = filters;
    if (negated === undefined || filters.length > 1) this.#fail('"!" takes exactly one filter in parentheses');
    return new NotFilter({ filter: negated });
  }

  #comparison(text: string): Filter {
    const simple = SIMPLE.exec(text);
    if (simple !== null) return this.#simple(simple[1]!, simple[2]!, simple[3]!);
    const extensible = EXTENSIBLE.exec(text);
    if (extensible === null || (extensible[1] === undefined && extensible[3] === undefined)) {
      this.#fail('"attribute=value" is expected');
    }
    return new ExtensibleFilter({
      matchType: extensible[1] ?? '',
      dnAttributes: extensible[2] !== undefined,
      rule: extensible[3] ?? '',
      value: this.#textValue(extensible[4]!),
    });
  }

  #simple(attribute: string, operator: string, value: string): Filter {
    if (operator === '>=') return new GreaterThanEqualsFilter({ attribute, value: this.#textValue(value) });
    if (operator === '<=') return new LessThanEqualsFilter({ attribute, value: this.#textValue(value) });
    if (operator === '~=') return new ApproximateFilter({ attribute, value: this.#textValue(value) });
    if (value.trim() === '*') return new PresenceFilter({ attribute });
    if (!value.includes('*')) return new EqualityFilter({ attribute, value: this.#bytes(value) });
    const [initial, ...rest] = value.split('*').map((part) => this.#textValue(part));
    const final = rest.pop() ?? '';
    return new SubstringFilter({ attribute, initial: initial ?? '', any: rest.filter((part) => part !== ''), final });
  }

  #bytes(value: string): Buffer {
    const parts = value.match(/\\[0-9A-Fa-f]{2}|\\|[^\\]+/g) ?? [];
    return Buffer.concat(
      parts.map((part) => {
        if (part === '\\')
          this.#fail('a backslash must be followed by two hex digits (write \\5c for the sign itself)');
        return part.startsWith('\\') ? Buffer.from(part.slice(1), 'hex') : Buffer.from(part);
      }),
    );
  }

  /** For comparisons that the library writes as text. */
  #textValue(value: string): string {
    const bytes = this.#bytes(value);
    const text = bytes.toString('utf8');
    if (!Buffer.from(text).equals(bytes)) this.#fail('binary values can only be compared with "="');
    return text;
  }

  #skipSpace(): void {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at += 1;
  }

  #expect(sign: '(' | ')'): void {
    this.#skipSpace();
    if (this.#text[this.#at] !== sign) {
      this.#fail(sign === '(' ? 'an opening parenthesis is missing' : 'a closing parenthesis is missing');
    }
    this.#at += 1;
  }

  #fail(problem: string): never {
    throw new DirectoryError(
      'directory.filter',
      `The search filter ${this.#text} is not valid: ${problem} (at character ${this.#at + 1}).`,
    );
  }
}
