// Both directories store control characters, NUL included, and PostgreSQL stores no NUL.
const CONTROL_RUN = /\p{Cc}+/gu;
const BLANK = /^\s*$/u;

/** Each run of control characters becomes one space. */
export function withoutControls(text: string): string {
  return text.replace(CONTROL_RUN, ' ');
}

export function isBlank(text: string): boolean {
  return BLANK.test(text);
}

/** First letter of each word upper case, the rest lower: `anne-marie o'neil` -> `Anne-Marie O'Neil`. */
export function titleCase(text: string): string {
  return text.replace(/\p{L}[\p{L}\p{M}]*/gu, (word) => {
    const [first = '', ...rest] = word;
    return first.toUpperCase() + rest.join('').toLowerCase();
  });
}

/** Cuts by characters, so that no surrogate pair is torn apart. */
export function slice(text: string, start: number, length: number): string {
  return [...text].slice(start, start + length).join('');
}

/** LDAP Booleans (`TRUE`, `FALSE`) and the spellings people keep in text attributes; null for anything else. */
export function parseBoolean(text: string): boolean | null {
  switch (text.trim().toLowerCase()) {
    case 'true':
    case 'yes':
    case '1':
      return true;
    case 'false':
    case 'no':
    case '0':
      return false;
    default:
      return null;
  }
}
