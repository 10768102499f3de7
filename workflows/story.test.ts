import { expect, test } from 'vitest';
import type { SyncRunInput } from './messages.ts';
import { storyOf } from './story.ts';
import { freshProgress } from './sync-run.ts';

const RUN: SyncRunInput = { runId: 'r-1', sync: 'corp', mode: 'full', dryRun: false, actor: 'ann', batch: null };
const APPLYING = { ...freshProgress(), phase: 'applying' as const, toApply: 57, applied: 12, parked: 1 };

test('a run tells its phase and its counts as a list', () => {
  expect(storyOf(RUN, APPLYING)).toBe(
    [
      '**Writing changed users** (full run `r-1`)',
      '- **12** of 57 changes applied\n- **1** parked\n- **0** superseded\n- **0** held',
    ].join('\n\n'),
  );
});

test('a run that held changes tells how to decide, at every moment', () => {
  const held = { ...APPLYING, held: 3, heldBatch: 'abc' };
  expect(storyOf(RUN, held)).toContain('`rollcall approve --plan abc` or `rollcall reject --plan abc`');
  expect(storyOf(RUN, { ...held, phase: 'done', outcome: 'held' })).toContain('`rollcall approve --plan abc`');
});

test('a finished run tells its outcome and where its report is', () => {
  const story = storyOf({ ...RUN, dryRun: true }, { ...APPLYING, phase: 'done', outcome: 'parked' });
  expect(story).toMatch(/^\*\*Done: parked\*\* \(full run `r-1`, a dry run\)/);
  expect(story).toContain('`rollcall report r-1`');
});

test('a pause and a directory that could not be read are told', () => {
  const paused = { by: 'ann', because: 'change 4711', since: '2026-11-23T10:00:00.000Z' };
  const story = storyOf(RUN, { ...APPLYING, paused, warning: 'corp-ad could not be read.' });
  expect(story).toMatch(/^\*\*Paused\*\* by ann because: change 4711/);
  expect(story).toContain('corp-ad could not be read.');
});
