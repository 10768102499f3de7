/** Where a worker is killed while it writes one person, in the order in which a write passes these points. */
export const POINTS = [
  'before-claim',
  'after-claim',
  'request-lost',
  'committed-unanswered',
  'answered-unrecorded',
  'recorded',
  'before-completion',
] as const;
export type Point = (typeof POINTS)[number];

/** What happens at each point, for the table. */
export const POINT_NAMES: Record<Point, string> = {
  'before-claim': 'before the claim',
  'after-claim': 'claimed, nothing sent',
  'request-lost': 'sent, lost on its way',
  'committed-unanswered': 'carried out, unanswered',
  'answered-unrecorded': 'answered, not recorded',
  recorded: 'recorded in state',
  'before-completion': 'before the activity ends',
};

/** How a worker is to die. Travels in the environment variable {@link DOOM}. */
export interface Doom {
  point: Point;
  /** Which passage of that point is the last one, from 1: a recycle writes twice. */
  passage: number;
}

export const DOOM = 'ROLLCALL_DOOM';
