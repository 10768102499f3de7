import { pc } from '../colours.ts';
import { dnKey } from '../../directory/dn.ts';
import { openDirectory } from '../../directory/open.ts';
import { openGenesys } from '../../genesys/open.ts';
import { unpaced } from '../../genesys/pace.ts';
import { compileMapping } from '../../mapping/compile.ts';
import { mapEntry } from '../../mapping/map-entry.ts';
import type { Entry } from '../../model/entry.ts';
import { PROFILES } from '../../model/profile.ts';
import type { DirectorySettings, Settings } from '../../model/settings.ts';
import { EXIT } from '../exit.ts';
import { say, sayJson } from '../output.ts';
import { temporalFailure } from '../../temporal/failures.ts';
import { withSession, type CommonOptions, type Session } from '../session.ts';
import { requireWorker } from '../workers.ts';

/** Entries mapped as a sample. */
const SAMPLE = 10;

export interface Check {
  name: string;
  ok: boolean;
  /** What was found, or what is wrong and what to do. */
  detail: string;
}

/** `check`: tries everything a run needs, one by one, and changes nothing. Exit 1 when anything fails. */
export function check(options: CommonOptions): Promise<number> {
  return withSession(options, async (session) => {
    const checks: Check[] = [];
    const attempt: Attempt = async (name, probe) => {
      const result = await tryProbe(name, probe);
      checks.push(result);
      if (options.json !== true) say(`${result.ok ? pc.green('ok  ') : pc.red('FAIL')} ${name}: ${result.detail}`);
      return result.ok;
    };
    for (const warning of session.settings.warnings) if (options.json !== true) say(pc.yellow(`warn ${warning}`));
    await checkOwnParts(session, attempt);
    for (const directory of session.settings.directories) await checkDirectory(session.settings, directory, attempt);
    await checkGenesys(session.settings, attempt);
    const ok = checks.every((one) => one.ok);
    if (options.json === true) sayJson({ ok, checks });
    return ok ? EXIT.done : EXIT.failed;
  });
}

/** Returns whether it went well: what builds on it would only fail in the same words. */
type Attempt = (name: string, probe: () => Promise<string>) => Promise<boolean>;

async function tryProbe(name: string, probe: () => Promise<string>): Promise<Check> {
  try {
    return { name, ok: true, detail: await probe() };
  } catch (thrown) {
    const error = temporalFailure(thrown);
    return { name, ok: false, detail: error instanceof Error ? error.message : String(error) };
  }
}

async function checkOwnParts(session: Session, attempt: Attempt): Promise<void> {
  const { settings } = session;
  await attempt('configuration', async () => `${settings.file ?? 'environment'} (sync ${settings.name})`);
  const stateOpens = await attempt('state', async () => {
    const links = await (await session.state()).links.counts(settings.name);
    return `${(await session.state()).engine}, ${links.total} linked people`;
  });
  const temporalAnswers = await attempt(
    'temporal',
    async () => `namespace ${(await session.temporal()).options.namespace} answers`,
  );
  if (!stateOpens || !temporalAnswers) return;
  await attempt('worker', async () => {
    await requireWorker(session);
    return 'polls';
  });
}

async function checkDirectory(settings: Settings, directory: DirectorySettings, attempt: Attempt): Promise<void> {
  const mapping = compileMapping(settings.mapping);
  const sample: Entry[] = [];
  const options = { attributes: mapping.attributes, now: new Date() };
  const letsIn = await attempt(`directory ${directory.name}: bind`, async () => {
    const opened = await openDirectory(directory, options);
    await opened.close();
    return `${opened.vendor} at ${opened.server}`;
  });
  if (!letsIn) return;
  const finds = await attempt(`directory ${directory.name}: search`, async () => {
    const opened = await openDirectory(directory, options);
    try {
      for await (const entry of opened.read().entries) if (sample.push(entry) >= SAMPLE) break;
    } finally {
      await opened.close();
    }
    if (sample.length === 0)
      throw new Error('nobody found; correct bases and filter, or give the bind account the right to read.');
    return `${sample.length === SAMPLE ? 'at least ' : ''}${sample.length} people in scope`;
  });
  if (finds) await attempt(`directory ${directory.name}: mapping`, async () => mapSample(settings, sample));
}

/** Maps the sample as a run would; managers count as found, since only their DNs are known here. */
async function mapSample(settings: Settings, sample: Entry[]): Promise<string> {
  const mapping = compileMapping(settings.mapping);
  const { defaultRegion, target } = settings;
  const { grantableRoles } = target;
  const { addressLogins } = PROFILES[target.profile];
  const now = new Date();
  const context = { defaultRegion, addressLogins, grantableRoles, now, anchorOf: (dn: string) => dnKey(dn) };
  const found = sample.map((entry) => ({ entry, problems: mapEntry(mapping, entry, context).problems }));
  const bad = found.filter(({ problems }) => problems.length > 0);
  if (bad.length > 0) {
    throw new Error(
      `${bad.length} of ${sample.length} people would be parked: ${problemTexts(bad).join('; ')}: correct the mapping or their entries.`,
    );
  }
  return `${sample.length} entries map without a problem`;
}

/** Each problem once, with how many entries have it and the first of them. */
function problemTexts(bad: { entry: Entry; problems: { attribute: string; problem: string }[] }[]): string[] {
  const entries = new Map<string, Entry[]>();
  for (const { entry, problems } of bad) {
    for (const { attribute, problem } of problems) {
      const text = `${attribute} ${problem}`;
      entries.set(text, [...(entries.get(text) ?? []), entry]);
    }
  }
  return [...entries].map(([text, [first, ...others]]) => {
    return `${text} (${first?.dn ?? ''}${others.length === 0 ? '' : ` and ${others.length} more`})`;
  });
}

async function checkGenesys(settings: Settings, attempt: Attempt): Promise<void> {
  const genesys = openGenesys(settings.target, unpaced);
  const call = { requests: { token: 0, read: 0, write: 0, throttled: 0 } };
  try {
    const granted = await attempt('genesys: token', async () => {
      await genesys.authenticate(call);
      return `granted by ${new URL(settings.target.tokenUrl).host}`;
    });
    if (!granted) return;
    await attempt('genesys: SCIM read', async () => {
      for await (const users of genesys.list(call)) return `${users.length} users on the first page`;
      return 'no users yet';
    });
  } finally {
    await genesys.close();
  }
}
