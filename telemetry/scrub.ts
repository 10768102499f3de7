const CENSOR = '[redacted]';
/** Shorter ones stand in ordinary words, and are no secrets. */
const SHORTEST = 6;
/** Credentials by their form, whoever put them there: in a URL, or in an authorization header. */
const BY_FORM: readonly [RegExp, string][] = [
  [/(\b[a-z][a-z\d+.-]*:\/\/)[^\s/?#"\\]*@/gi, `$1${CENSOR}@`],
  [/\b(Bearer|Basic)(\s+)[\w+/=.~-]{6,}/gi, `$1$2${CENSOR}`],
  [/\b(access_token|client_secret|refresh_token|password)(\\?"?\s*[:=]\s*\\?"?)[^\s"&,}\\]+/gi, `$1$2${CENSOR}`],
];

/** The secrets of a configuration, as they are now. */
export type Secrets = () => readonly string[];

/**
 * Takes secrets out of a line of text: those that are known, in each form in which they are written down or sent, and
 * whatever looks like one. A secret once known stays known, so that a rotated one does not come out afterwards.
 */
export function scrubber(secrets: Secrets): (line: string) => string {
  const known = new Set<string>();
  return (line) => {
    for (const secret of secrets()) if (secret.length >= SHORTEST) formsOf(secret).forEach((form) => known.add(form));
    let clean = line;
    for (const form of [...known].sort((a, b) => b.length - a.length)) clean = clean.replaceAll(form, CENSOR);
    for (const [pattern, censored] of BY_FORM) clean = clean.replaceAll(pattern, censored);
    return clean;
  };
}

/** As it is, inside JSON once and twice (a message that quotes JSON), in a URL or form, in base64. */
function formsOf(secret: string): string[] {
  const inJson = JSON.stringify(secret).slice(1, -1);
  const base64 = Buffer.from(secret, 'utf8').toString('base64');
  return [
    secret,
    inJson,
    JSON.stringify(inJson).slice(1, -1),
    encodeURIComponent(secret),
    new URLSearchParams({ s: secret }).toString().slice(2),
    base64,
    base64.replace(/=+$/, ''),
  ];
}
