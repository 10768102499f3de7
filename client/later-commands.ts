/** Commands of the finished product that this version does not have yet; each is refused by a sentence. */
export const LATER_COMMANDS: readonly string[] = ['undo'];
