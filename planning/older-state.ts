/** What a plan met that Rollcall must have done in Genesys Cloud although the state does not know of it. */
export interface SignsOfAge {
  /** People without a link whose anchor a user carries. */
  adopted: number;
  /** Links of users who have been brought to where they shall be, or out of use. */
  behind: number;
  /** Those of them whose login went to somebody else for good. */
  retired: number;
}

/** So many users whom only Rollcall can have made or retired are no accident. */
const OWN_WRITES = 2;
/** So many links that are behind are more than what people do by hand in the directory and in Genesys Cloud at once. */
const BEHIND = 10;

/** That the state looks older than Genesys Cloud, as one sentence; null when it does not, or has just begun. */
export function olderState({ adopted, behind, retired }: SignsOfAge, anyLink: boolean): string | null {
  if (!anyLink || (adopted + retired < OWN_WRITES && behind < BEHIND)) return null;
  const found = [
    `${adopted} without a link whose anchor a user carries`,
    `${behind} whose user is ahead of the link`,
    `${retired} of these retired`,
  ];
  return `The state looks older than Genesys Cloud, as a restored copy does (people: ${found.join(', ')}); it is brought up to date by this run, but if another installation of Rollcall writes there, stop one of the two.`;
}
