import { setCurrentDetails } from '@temporalio/workflow';
import type { RunPhase, RunProgress, SyncRunInput } from './messages.ts';
import { pauseSentence } from './pause.ts';

const PHASES: Record<RunPhase, string> = {
  opening: 'Opening the run',
  reading: 'Reading the directory',
  listing: 'Listing the users of Genesys Cloud',
  planning: 'Working out what must change',
  applying: 'Writing changed users',
  closing: 'Closing the run',
  done: 'Done',
};

/**
 * Shows where the run stands as markdown in the Web UI ("current details"). Counts, and what to type next: the Web UI's
 * own style leaves no space between the columns of a table, so they are a list.
 */
export function tellStory(input: SyncRunInput, progress: RunProgress): void {
  setCurrentDetails(storyOf(input, progress));
}

export function storyOf(input: SyncRunInput, progress: RunProgress): string {
  const { paused = null, outcome = null, warning } = progress;
  const phase = PHASES[progress.phase] + (outcome === null ? '' : `: ${outcome}`);
  const title = `**${phase}** (${input.mode} run \`${input.runId}\`${input.dryRun ? ', a dry run' : ''})`;
  return [paused === null ? null : pauseSentence(paused), title, countsOf(progress), warning, nextStep(input, progress)]
    .filter((part) => part !== null)
    .join('\n\n');
}

function countsOf({ applied, toApply, parked, superseded, held }: RunProgress): string {
  return [
    `**${applied}** of ${toApply} changes applied`,
    `**${parked}** parked`,
    `**${superseded}** superseded`,
    `**${held}** held`,
  ]
    .map((line) => `- ${line}`)
    .join('\n');
}

function nextStep(input: SyncRunInput, { heldBatch, phase }: RunProgress): string | null {
  if (heldBatch !== null) {
    return `A batch waits for a decision: \`rollcall approve --plan ${heldBatch}\` or \`rollcall reject --plan ${heldBatch}\`.`;
  }
  return phase === 'done' ? `Who, what and why: \`rollcall report ${input.runId}\`.` : null;
}
