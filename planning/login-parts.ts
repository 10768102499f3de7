/** A login taken apart: an address before and from its `@`. One that is no address is all `local`. */
export function loginParts(login: string): { local: string; domain: string } {
  const at = login.lastIndexOf('@');
  return at < 0 ? { local: login, domain: '' } : { local: login.slice(0, at), domain: login.slice(at) };
}
