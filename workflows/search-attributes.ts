import { defineSearchAttributeKey } from '@temporalio/common';
import { upsertSearchAttributes } from '@temporalio/workflow';
import { SEARCH_ATTRIBUTES } from '../model/search-attributes.ts';
import type { SyncRunInput, SyncRunResult } from './messages.ts';

const name = defineSearchAttributeKey('SyncName', SEARCH_ATTRIBUTES.SyncName);
const mode = defineSearchAttributeKey('SyncMode', SEARCH_ATTRIBUTES.SyncMode);
const runId = defineSearchAttributeKey('SyncRunId', SEARCH_ATTRIBUTES.SyncRunId);
const outcome = defineSearchAttributeKey('SyncOutcome', SEARCH_ATTRIBUTES.SyncOutcome);
const parkedCount = defineSearchAttributeKey('ParkedCount', SEARCH_ATTRIBUTES.ParkedCount);
const heldCount = defineSearchAttributeKey('HeldCount', SEARCH_ATTRIBUTES.HeldCount);

export function showRun(input: SyncRunInput): void {
  upsertSearchAttributes([
    { key: name, value: input.sync },
    { key: mode, value: input.mode },
    { key: runId, value: input.runId },
  ]);
}

export function showOutcome(result: SyncRunResult, counts: { parked: number; held: number }): void {
  upsertSearchAttributes([
    { key: outcome, value: result.outcome },
    { key: parkedCount, value: counts.parked },
    { key: heldCount, value: counts.held },
  ]);
}
