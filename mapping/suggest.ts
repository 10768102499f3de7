import { distance } from 'fastest-levenshtein';

/** The candidate nearest to a mistyped word, ignoring case; null when none is near (a third of its letters, at least 2). */
export function nearest(word: string, candidates: Iterable<string>): string | null {
  const folded = word.toLowerCase();
  let best: { candidate: string; distance: number } | null = null;
  for (const candidate of candidates) {
    const far = farness(folded, candidate.toLowerCase());
    if (best === null || far < best.distance) best = { candidate, distance: far };
  }
  const allowed = Math.max(2, Math.floor(word.length / 3));
  return best !== null && best.distance <= allowed ? best.candidate : null;
}

/** Edits between two words; one that begins the other (`warning`, `warn`) is as near as a single typo. */
function farness(word: string, candidate: string): number {
  const begins =
    word.length >= 3 && candidate.length >= 3 && (word.startsWith(candidate) || candidate.startsWith(word));
  return Math.min(distance(word, candidate), begins ? 1 : Infinity);
}

/** `; did you mean "x"?` to end a sentence with, else `.` followed by what may stand there. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  const candidate = nearest(word, candidates);
  return candidate === null ? `; known are ${candidates.join(', ')}.` : `; did you mean "${candidate}"?`;
}
