import type { RequestLogEntry, SimUser } from '../simulator/start.ts';
import { tellAccount } from './account.ts';
import { asTold } from './as-told.ts';
import { CommandLine } from './command-line.ts';
import { COMPANY, fullName } from './company.ts';
import { carryOut } from './directory-changes.ts';
import { chapter, colours, fact, quote, say, step } from './narrate.ts';
import { REQUESTS_PER_MINUTE, type Stage } from './stage.ts';
import { HAPPENINGS, PARKED_AT_FIRST, PARKED_AT_LAST, unitSizes } from './story.ts';
import { webUiOfLastRun } from './web-ui.ts';

/** Exit statuses of `start-sync --wait`, as README has them. */
const EXIT = { done: 0, parked: 3, held: 4 };
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
    fact('Web UI', stage.temporal.uiUrl ?? 'that of your own Temporal server');
    say();
    say(`Three people will make trouble: ${PARKED_AT_FIRST.map(fullName).join(', ')}.`);
    say('One has no mail address yet; the other two were given the same one. The address is the login.');
  }

  private async firstRun(): Promise<void> {
    chapter('2. The first run: nothing is written before a person has agreed');
    const held = await this.commands.type(['start-sync', '--wait']);
    asTold(held.status === EXIT.held, `the first run is held (exit status ${EXIT.held}, not ${held.status})`);
    const { heldBatch, changes } = await this.commands.plan();
    asTold(heldBatch !== null, 'the first run leaves a held batch');
    asTold(
      changes.length === CREATED_AT_FIRST,
      `the held batch has ${CREATED_AT_FIRST} changes, not ${changes.length}`,
    );
    this.expectWrites(this.requestsSince(0), 0, 0);
    say(`\nExit status 4, "held". Genesys Cloud got no write so far. What is planned, person by person:\n`);
    await this.commands.type(['plan'], 12);

    say(
      `\nThat looks right. From here on Rollcall keeps to ${REQUESTS_PER_MINUTE} requests a minute, as Genesys Cloud demands.\n`,
    );
    const approved = await this.commands.type(['approve', '--plan', heldBatch, '--reason', 'first_import', '--wait']);
    asTold(
      approved.status === EXIT.done,
      `the approved run is done (exit status ${EXIT.done}, not ${approved.status})`,
    );
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
    asTold(run.status === EXIT.parked, `the second run ends with two people parked (exit status 3, not ${run.status})`);
    const requests = this.requestsSince(mark);
    const creates = HAPPENINGS.filter(({ expected }) => expected.kind === 'create').length;
    this.expectWrites(requests, creates, HAPPENINGS.length - creates);
    const plan = await this.commands.plan();
    const planned = HAPPENINGS.length + PARKED_AT_LAST.length;
    asTold(plan.changes.length === planned, `the second plan has ${planned} changes, not ${plan.changes.length}`);

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
    const people = stdout.trimEnd().split('\n').length - 1;
    asTold(status === EXIT.done && people === count, `${count} people are parked, not ${people}`);
  }

  private requestsSince(mark: number): RequestLogEntry[] {
    return this.stage.simulator.log.slice(mark);
  }

  private expectWrites(requests: readonly RequestLogEntry[], posts: number, patches: number): void {
    const writes = requests.filter(isWrite);
    const count = (method: string): number => writes.filter((request) => request.method === method).length;
    asTold(count('POST') === posts, `Genesys Cloud got ${posts} POST requests, not ${count('POST')}`);
    asTold(count('PATCH') === patches, `Genesys Cloud got ${patches} PATCH requests, not ${count('PATCH')}`);
    asTold(writes.length === posts + patches, 'Genesys Cloud got no other write, least of all a DELETE');
    asTold(
      writes.every(({ status }) => status !== null && status < 300),
      'Genesys Cloud accepted every write',
    );
  }
}

function isWrite({ on, method }: RequestLogEntry): boolean {
  return on === 'api' && method !== 'GET';
}
