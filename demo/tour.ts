import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RequestLogEntry, Simulator, SimUser } from '../simulator/start.ts';
import { tellAccount, type ReportedChange } from './account.ts';
import { asTold } from './as-told.ts';
import { CommandLine, type CommandResult } from './command-line.ts';
import { COMPANY } from './company.ts';
import { carryOut } from './directory-changes.ts';
import { chapter, colours, fact, quote, say, step } from './narrate.ts';
import { newestRuns, nextDeltaThatWrites } from './scheduled-runs.ts';
import { DELTAS, REQUESTS_PER_MINUTE, type Stage } from './stage.ts';
import { MORNING, PARKED_AT_FIRST, PARKED_AT_LAST, RETURN, unitSizes, type Happening } from './story.ts';
import { webUiOfRun } from './web-ui.ts';

/** Exit statuses of `start-sync --wait`, as README has them. */
const EXIT = { done: 0, held: 4 };
/** Lines of `plan` that show the first person. */
const PERSON_LINES = 10;
/** Lines of `report` with the numbers of a run. */
const REPORT_LINES = 16;
const CREATED_AT_FIRST = COMPANY.length - PARKED_AT_FIRST.length;

/** The guided tour, from the first part started to the last line told. @throws OtherwiseError when it goes otherwise */
export class Tour {
  private readonly stage: Stage;
  private readonly commands: CommandLine;

  constructor(stage: Stage, signal: AbortSignal) {
    this.stage = stage;
    this.commands = new CommandLine(stage, signal);
  }

  async run(): Promise<void> {
    await this.setTheStage();
    await this.firstRun();
    await this.aMorningInTheDirectory();
    const morning = await this.aScheduledDelta();
    await this.aReturn();
    await this.lookBack(morning);
  }

  private async setTheStage(): Promise<void> {
    const { stage } = this;
    chapter('1. Real parts, on this machine only');
    await stage.install();
    await step('starting OpenLDAP, Temporal and a simulated Genesys Cloud', () => stage.startServers());
    await step('starting a Rollcall worker', () => stage.startWorker());
    fact('OpenLDAP', `${stage.slapd.ldapsUrl}: ${COMPANY.length} people (${unitSizes()})`);
    fact('Genesys Cloud', `${stage.simulator.apiUrl}: a simulator, no users yet`);
    fact('Temporal', stage.temporal.address);
    fact('Web UI', `${stage.temporal.uiUrl ?? 'that of your own Temporal server'} (open it now to watch the runs)`);
    fact('Rollcall', `one worker; ${stage.variablesFile} leads the commands below to all this`);
    say(
      "\nA person's mail address is his or her login. Three people cannot have one yet: Dragan Petrović has no mailbox,",
    );
    say('and two who are both called Thomas Weber were given the same address.');
  }

  private async firstRun(): Promise<void> {
    chapter('2. The first run: nothing is written before a person has agreed');
    const held = await this.commands.type(['start-sync', '--wait']);
    expectStatus('first', held, EXIT.held);
    const hash = /approve --plan (\w+)/.exec(held.stdout)?.[1];
    asTold(hash !== undefined, 'the first run should leave a held batch');
    this.expectWrites(this.requestsSince(0), 0, 0);
    say('\nExit status 4, "held": Genesys Cloud got no write so far. What would be done, person by person:\n');
    const plan = await this.commands.type(['plan'], PERSON_LINES);
    const planned = plan.stdout.match(/^create /gm)?.length ?? 0;
    asTold(planned === CREATED_AT_FIRST, `the held batch should have ${CREATED_AT_FIRST} people, and has ${planned}`);

    say(
      `\nThat looks right. Rollcall now writes ${REQUESTS_PER_MINUTE} requests a minute, all that Genesys Cloud allows:\n`,
    );
    const approved = await this.commands.type(['approve', '--plan', hash, '--reason', 'first import', '--wait']);
    expectStatus('approved', approved, EXIT.done);
    this.expectWrites(this.requestsSince(0), CREATED_AT_FIRST, 0);
    say(`\n${CREATED_AT_FIRST} people with one POST each, managers before their reports. The other three wait:\n`);
    await this.expectParked(PARKED_AT_FIRST.length);
  }

  private async aMorningInTheDirectory(): Promise<void> {
    chapter('3. Life goes on in the directory');
    await this.administer(MORNING);
  }

  /** Returns the run that carried the morning out. */
  private async aScheduledDelta(): Promise<string> {
    chapter('4. From now on runs start by themselves, and only what changed is read');
    const { before, mark, known } = await this.lookAround();
    const applied = await this.commands.type(['schedule', 'apply']);
    asTold(applied.status === EXIT.done, `\`schedule apply\` should have exit status 0, and has ${applied.status}`);
    const { runId } = await step(`waiting for the schedule (a delta ${DELTAS}) to find all that`, () =>
      nextDeltaThatWrites(this.commands, known),
    );
    say();
    await this.commands.type(['report', runId.slice(0, 8)], REPORT_LINES);
    const requests = this.requestsSince(mark);
    const creates = MORNING.filter(({ expected }) => expected.kind === 'create').length;
    this.expectWrites(requests, creates, MORNING.length - creates);

    chapter('5. Who, what and why');
    const changes = await this.appliedBy(runId, MORNING.length);
    for (const happening of MORNING) tellAccount(happening, { changes, before, requests, simulator: this.simulator });
    say('Still parked, because nobody has decided whose address it is:\n');
    await this.expectParked(PARKED_AT_LAST.length);
    say(`\n${requests.filter(isWrite).length} writes for ${MORNING.length} people, and nobody else was touched.`);
    say('Nobody was deleted: leavers are made inactive.');
    return runId;
  }

  private async aReturn(): Promise<void> {
    chapter('6. Somebody comes back');
    const { before, mark, known } = await this.lookAround();
    await this.administer([RETURN]);
    const { runId } = await step('waiting for the schedule', () => nextDeltaThatWrites(this.commands, known));
    say();
    const requests = this.requestsSince(mark);
    this.expectWrites(requests, 0, 1);
    const changes = await this.appliedBy(runId, 1);
    tellAccount(RETURN, { changes, before, requests, simulator: this.simulator });
    await this.expectQuiet();
  }

  /** `morning`: the run that carried the morning out. */
  private async lookBack(morning: string): Promise<void> {
    chapter('7. Looking back');
    const { userName } = RETURN.expected.user;
    say('Months later somebody asks what became of one person. The audit trail knows:\n');
    const told = await this.commands.type(['explain', userName]);
    asTold(told.status === EXIT.done, `\`explain\` should have exit status 0, and has ${told.status}`);
    for (const kind of ['create', 'deactivate', 'reactivate']) {
      asTold(told.stdout.includes(kind), `\`explain ${userName}\` should tell of the ${kind}, and does not`);
    }
    const file = join(this.stage.folder, 'report.html');
    say('\nAnd a run as a page, for whoever has to sign it off:\n');
    await this.commands.type(['report', morning.slice(0, 8), '--html', file]);
    const page = await readFile(file, 'utf8');
    const missing = MORNING.find(({ expected }) => !page.includes(expected.user.userName));
    asTold(missing === undefined, `the page should name ${missing?.expected.user.displayName}, and does not`);
    fact('the page', `${file} (${Math.round(page.length / 1024)} KiB, one file; --keep leaves it there to open)`);
    const url = await webUiOfRun(this.stage, morning);
    if (url !== null) fact('the run', `${url} (Temporal's Web UI)`);
  }

  private get simulator(): Simulator {
    return this.stage.simulator;
  }

  private async administer(happenings: readonly Happening[]): Promise<void> {
    await this.stage.slapd.asAdmin(async (client) => {
      for (const { title, changes } of happenings) {
        say(colours.bold(title));
        for (const change of changes) quote((await carryOut(client, change)).join('\n'));
      }
    });
  }

  /** How things stand before something happens: users, requests, runs. */
  private async lookAround(): Promise<{ before: SimUser[]; mark: number; known: Set<string> }> {
    const known = new Set((await newestRuns(this.commands)).map(({ runId }) => runId));
    return { before: this.simulator.users(), mark: this.simulator.log.length, known };
  }

  /** What a delta has done; who is parked may have been tried again beside it. */
  private async appliedBy(runId: string, count: number): Promise<ReportedChange[]> {
    const { changes } = JSON.parse(await this.commands.quietly(['report', runId, '--json'])) as {
      changes: ReportedChange[];
    };
    const applied = changes.filter(({ status }) => status === 'applied');
    asTold(applied.length === count, `the delta should have applied ${count} changes, and has ${applied.length}`);
    return applied;
  }

  /** Deltas that find nothing cost Genesys Cloud nothing. */
  private async expectQuiet(): Promise<void> {
    const deltas = (await newestRuns(this.commands)).filter(({ mode, finishedAt }) => mode === 'delta' && finishedAt);
    const quiet = deltas.filter(({ requests }) => requests.write === 0);
    const sent = quiet.reduce((sum, { requests }) => sum + requests.token + requests.read, 0);
    asTold(sent === 0, `deltas without a change should send nothing, and sent ${sent} requests`);
    say(
      `Of ${deltas.length} deltas so far ${quiet.length} found nothing to do: they sent Genesys Cloud no request at all.`,
    );
  }

  private async expectParked(count: number): Promise<void> {
    const { status, stdout } = await this.commands.type(['parked']);
    const people = stdout.match(/^\S/gm)?.length ?? 0;
    asTold(status === EXIT.done && people === count, `${count} people should be parked, and there are ${people}`);
  }

  private requestsSince(mark: number): RequestLogEntry[] {
    return this.stage.simulator.log.slice(mark);
  }

  private expectWrites(requests: readonly RequestLogEntry[], posts: number, patches: number): void {
    const writes = requests.filter(isWrite);
    const count = (method: string): number => writes.filter((request) => request.method === method).length;
    asTold(count('POST') === posts, `Genesys Cloud should have got ${posts} POST requests, and got ${count('POST')}`);
    asTold(
      count('PATCH') === patches,
      `Genesys Cloud should have got ${patches} PATCH requests, and got ${count('PATCH')}`,
    );
    asTold(
      writes.length === posts + patches,
      'Genesys Cloud should have got no other write, least of all a DELETE, and got one',
    );
    asTold(
      writes.every(({ status }) => status !== null && status < 300),
      'Genesys Cloud should have accepted every write, and refused one',
    );
  }
}

function expectStatus(run: string, { status }: CommandResult, expected: number): void {
  asTold(status === expected, `the ${run} run should have exit status ${expected}, and has ${status}`);
}

function isWrite({ on, method }: RequestLogEntry): boolean {
  return on === 'api' && method !== 'GET';
}
