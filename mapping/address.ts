const LONGEST_LOCAL_PART = 64; // RFC 5321, 4.5.3.1.1
const ATOM = /^[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+$/u;
const LABEL = /^[\p{L}\p{M}\p{N}](?:[\p{L}\p{M}\p{N}-]{0,61}[\p{L}\p{M}\p{N}])?$/u;

/**
 * What is wrong with an e-mail address, as a phrase; null when it is one. Dot-atoms (RFC 5322) with letters of any
 * script (RFC 6531), a domain of at least two labels, at most 64 characters before the @.
 */
export function addressFault(text: string): string | null {
  const at = text.lastIndexOf('@');
  if (at < 1) return 'is not an e-mail address';
  const local = text.slice(0, at);
  const labels = text.slice(at + 1).split('.');
  if (!local.split('.').every((atom) => ATOM.test(atom))) return 'is not an e-mail address';
  if (labels.length < 2 || !labels.every((label) => LABEL.test(label))) return 'is not an e-mail address';
  return [...local].length > LONGEST_LOCAL_PART ? `has more than ${LONGEST_LOCAL_PART} characters before the @` : null;
}
