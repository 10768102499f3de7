import { expect, test } from 'vitest';
import { runDetails } from '../../test/support/run-details.ts';
import { MOST_ROWS, reportPage } from './html.ts';

const HOSTILE = `<script>alert('"&')</script>`;
const ESCAPED = '&lt;script&gt;alert(&#39;&quot;&amp;&#39;)&lt;/script&gt;';

test('whatever a directory says stays text, wherever it stands', async () => {
  const details = runDetails();
  const changes = details.changes.map((change) => ({
    ...change,
    ...{ userName: HOSTILE, dn: HOSTILE, reason: HOSTILE, message: HOSTILE, before: { title: HOSTILE } },
    after: { [HOSTILE]: HOSTILE },
  }));
  const notes = details.notes.map((note) => ({ ...note, dn: HOSTILE, attribute: HOSTILE, problem: HOSTILE }));
  const report = { ...details.report, error: HOSTILE };
  const page = await reportPage({ ...details, changes, notes, report, actor: HOSTILE });
  expect(page).not.toContain('<script');
  expect(page.split(ESCAPED).length).toBeGreaterThan(15);
});

test('the page needs nothing but itself', async () => {
  const page = await reportPage(runDetails());
  expect(page).toMatch(/^<!doctype html>/);
  expect(page).not.toMatch(/\b(?:src|href)=|@import|url\(/);
  expect(page).toContain("default-src 'none'");
});

test('it tells outcome, counts, remedies, values and notes', async () => {
  const page = await reportPage(runDetails());
  expect(page).toContain('<span class="badge parked">parked</span>');
  expect(page).toContain('<rect class="applied"');
  expect(page).toContain('Correct the mail address');
  expect(page).toMatch(/<b>title<\/b>\s*<del>Agent<\/del> → <ins>Lead<\/ins>/);
  expect(page).toContain('is no phone number');
});

test('bars are as long as their counts, the longest filling the width', async () => {
  const details = runDetails();
  const none = { planned: 0, applied: 0, parked: 0, held: 0, superseded: 0 };
  const changes = {
    ...details.report.changes,
    create: { ...none, planned: 8, applied: 6, held: 2 },
    update: { ...none, planned: 4 },
  };
  const page = await reportPage({ ...details, report: { ...details.report, changes } });
  const widths = [...page.matchAll(/<rect\s+class="(\w+)"\s[^>]*width="([\d.]+)"/g)].map(([, piece, width]) => [
    piece,
    Number(width),
  ]);
  expect(widths).toEqual([
    ['applied', 360],
    ['held', 120],
    ['planned', 240],
  ]);
});

test('a run that did nothing has no chart and no tables', async () => {
  const { report } = runDetails();
  const none = { planned: 0, applied: 0, parked: 0, held: 0, superseded: 0 };
  const changes = { ...report.changes, create: none, update: none };
  const page = await reportPage(runDetails({ changes: [], notes: [], report: { ...report, changes } }));
  expect(page).not.toMatch(/<svg|<table/);
});

test('a very large run is cut, and says so', async () => {
  const [change] = runDetails().changes;
  const changes = Array.from({ length: MOST_ROWS + 1 }, () => change!);
  const page = await reportPage(runDetails({ changes, notes: [] }));
  expect(page.match(/<tr>\s*<td>/g)).toHaveLength(MOST_ROWS);
  expect(page).toContain(`The first ${MOST_ROWS} of ${MOST_ROWS + 1}`);
});
