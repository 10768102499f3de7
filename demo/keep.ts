import { once } from 'node:events';
import { dnOf, personNamed } from './company.ts';
import { chapter, colours, fact, quote, say } from './narrate.ts';
import { DELTAS, type Stage } from './stage.ts';

/** `--keep`: says how to look further, then lets everything run until Ctrl-C. */
export async function stayOpen(stage: Stage, signal: AbortSignal): Promise<void> {
  tellHowToLookFurther(stage);
  // Nobody else has to keep the process going: the simulator's open ports do.
  if (!signal.aborted) await once(signal, 'abort');
}

function tellHowToLookFurther(stage: Stage): void {
  const { slapd, simulator, temporal } = stage;
  chapter('Everything keeps running; Ctrl-C ends and removes it');
  fact('Web UI', temporal.uiUrl ?? 'that of your own Temporal server');
  fact('configuration', stage.configFile);
  fact('report page', `${stage.folder}/report.html`);
  fact('worker log', `${stage.folder}/worker.log`);
  fact('all requests', `curl -s ${simulator.loginUrl}/_simulator/log`);
  fact('all users', `curl -s ${simulator.loginUrl}/_simulator/users`);
  say(`\nIn another terminal, in this folder:\n`);
  const commands = ['status', 'parked', 'runs', 'schedule list', 'check'];
  quote([`. ${stage.variablesFile}`, ...commands.map((command) => `npm run client -- ${command}`)].join('\n'));
  say(
    `\nChange somebody yourself; the schedule sees it (a delta ${DELTAS}), and ${colours.bold('changes')} tells of it:\n`,
  );
  const { dn, password } = slapd.admin;
  quote(
    [
      `ldapmodify -H ${slapd.url} -D ${dn} -w ${password} <<END`,
      `dn: ${dnOf(personNamed('Noor van Dijk'))}`,
      'changetype: modify',
      'replace: title',
      'title: Senior Support Engineer',
      'END',
    ].join('\n'),
  );
}
