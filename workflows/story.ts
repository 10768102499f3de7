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

/** Shows where the run stands as markdown in the Web UI ("current details"). Counts only. */
export function tellStory(input: SyncRunInput, progress: RunProgress): void {
  const rows = [
    ['to apply', progress.toApply],
    ['applied', progress.applied],
    ['parked', progress.parked],
    ['superseded', progress.superseded],
    ['held', progress.held],
  ];
  const table = rows.map(([name, count]) => `| ${name} | ${count} |`).join('\n');
  const held =
    progress.heldBatch === null
      ? ''
      : `\n\nWaiting for a decision: \`rollcall approve --plan ${progress.heldBatch}\` or \`reject\`.`;
  const title = `**${PHASES[progress.phase]}** (${input.mode}${input.dryRun ? ', dry run' : ''}, run \`${input.runId}\`)`;
  const { paused = null } = progress;
  const pausing = paused === null ? '' : `${pauseSentence(paused)}\n\n`;
  setCurrentDetails(`${pausing}${title}\n\n| changes | |\n| --- | ---: |\n${table}${held}`);
}
