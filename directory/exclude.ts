import picomatch from 'picomatch';
import { firstRdn } from './dn.ts';

/**
 * Compiles `exclude`: whether a DN's first RDN (`CN=svc-backup`, escapes undone) matches any of the shell patterns,
 * ignoring case. `*` also takes slashes and line breaks (AD puts one into the names of conflict objects); parentheses
 * stand for themselves.
 */
export function excluder(patterns: readonly string[]): (dn: string) => boolean {
  if (patterns.length === 0) return () => false;
  const options = { bash: true, dot: true, flags: 'is', nobrace: true, noextglob: true, nonegate: true, posix: true };
  const matchers = patterns.map((pattern) => picomatch.makeRe(pattern.replace(/[()]/g, '[$&]'), options));
  return (dn) => {
    const rdn = firstRdn(dn);
    return matchers.some((matcher) => matcher.test(rdn));
  };
}
