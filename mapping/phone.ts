import { isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js/max';

/** Whether libphonenumber knows this ISO 3166 country (upper case). */
export function isPhoneRegion(region: string): boolean {
  return isSupportedCountry(region);
}

/**
 * A phone number in a form Genesys Cloud takes: E.164 (`+4930901820`), with an extension the tel URI
 * `tel:+13175550100;ext=12`. Decided by `isValid()` on the full metadata: `isPossible()` only counts digits. Text around
 * the number makes it invalid, since nobody can say which of two numbers was meant. Null when it is no valid number.
 */
export function toE164(text: string, region: string | null): string | null {
  const bare = text.trim().replace(/^tel:/i, '');
  const country = region !== null && isSupportedCountry(region) ? { defaultCountry: region } : {};
  const number = parsePhoneNumberFromString(bare, { ...country, extract: false });
  if (number === undefined || !number.isValid()) return null;
  return number.ext === undefined || number.ext === '' ? number.number : `tel:${number.number};ext=${number.ext}`;
}
