import type { Ignore } from '../model/ignore.ts';

/** What a person is called in a sentence: login, else DN, else anchor. */
export function namesOf({ userName, dn, anchor }: { userName: string; dn: string; anchor: string }): string {
  return [userName, dn].find((text) => text !== '') ?? anchor;
}

/** `ignored until ... because ... by ...`, the same words wherever somebody is ignored. */
export function ignoredSentence({ until, reason, actor }: Ignore): string {
  return `ignored until ${until} because: ${reason} (by ${actor})`;
}
