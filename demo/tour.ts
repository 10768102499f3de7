import type { RequestLogEntry, SimUser } from '../simulator/start.ts';
import { tellAccount } from './account.ts';
import { asTold } from './as-told.ts';
import { CommandLine, type CommandResult } from './command-line.ts';
import { COMPANY } from './company.ts';
import { carryOut } from './directory-changes.ts';
import { chapter, colours, fact, quote, say, step } from './narrate.ts';
import { REQUESTS_PER_MINUTE, type Stage } from './stage.ts';
import { HAPPENINGS, PARKED_AT_FIRST, PARKED_AT_LAST, unitSizes } from './story.ts';
import { webUiOfLastRun } from './web-ui.ts';

/** Exit statuses of `start-sync --wait`, as README has them. */
const EXIT = { done: 0, parked: 3, held: 4 };
/** Lines of `plan` that show the first person. */
const PERSON_LINES = 10;
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
    await this.secondRun();
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
    await this.stage.slapd.asAdmin(async (client) => {
      for (const { title, changes } of HAPPENINGS) {
        say(colours.bold(title));
        for (const change of changes) quote((await carryOut(client, change)).join('\n'));
      }
    });
  }

  private async secondRun(): Promise<void> {
    const { simulator } = this.stage;
    chapter('4. The second run: exactly that, and nothing else');
    const before: SimUser[] = simulator.users();
    const mark = simulator.log.length;
    const run = await this.commands.type(['start-sync', '--wait']);
    expectStatus('second', run, EXIT.parked);
    const requests = this.requestsSince(mark);
    const creates = HAPPENINGS.filter(({ expected }) => expected.kind === 'create').length;
    this.expectWrites(requests, creates, HAPPENINGS.length - creates);
    const plan = await this.commands.plan();
    const planned = HAPPENINGS.length + PARKED_AT_LAST.length;
    asTold(
      plan.changes.length === planned,
      `the second plan should have ${planned} changes, and has ${plan.changes.length}`,
    );

    chapter('5. Who, what and why');
    for (const happening of HAPPENINGS) tellAccount(happening, { plan, before, requests, simulator });
    await this.tellRest(requests);
  }

  private async tellRest(requests: RequestLogEntry[]): Promise<void> {
    say('Still parked, because nobody has decided whose address it is:\n');
    await this.expectParked(PARKED_AT_LAST.length);
    const writes = requests.filter(isWrite).length;
    say(
      `\nThe second run sent ${writes} writes for ${HAPPENINGS.length} people. Nobody was deleted: leavers are made inactive.`,
    );
    const page = await webUiOfLastRun(this.stage);
    if (page !== null) fact('This run', `${page} (Temporal's Web UI)`);
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
