import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Which of these words stand in any file of a folder, in clear ignoring case, or as base64 of a text around them. */
export function wordsFound(folder: string, words: readonly string[]): string[] {
  const texts = readdirSync(folder).map((name) => readFileSync(join(folder, name)).toString('latin1'));
  const clear = texts.map((text) => text.toLowerCase());
  return words.filter(
    (word) =>
      clear.some((text) => text.includes(word.toLowerCase())) ||
      base64Cores(word).some((core) => texts.some((text) => text.includes(core))),
  );
}

/** What base64 makes of a word wherever it stands: three forms, without the characters that its neighbours decide. */
function base64Cores(word: string): string[] {
  return [0, 1, 2].map((shift) => {
    const bytes = Buffer.from(word);
    const whole = Math.floor((bytes.length - ((3 - shift) % 3)) / 3) * 3;
    return bytes.subarray((3 - shift) % 3, ((3 - shift) % 3) + whole).toString('base64');
  });
}
