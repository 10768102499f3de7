import { join } from 'node:path';
import { ConfigError } from '../model/errors.ts';
import type { Settings } from '../model/settings.ts';
import { failOn } from './explain.ts';
import { ConfigFault, fail, isObject } from './fault.ts';
import { freeze } from './freeze.ts';
import { hashOf } from './hash.ts';
import { interpolate, interpolateText } from './interpolate.ts';
import { readScalars } from './interpolated-scalars.ts';
import { readListenAddress } from './listen-address.ts';
import { loadMapping } from './mapping-source.ts';
import { findOrigin } from './origin.ts';
import type { LoadOptions, Origin } from './origin.ts';
import { buildDirectories } from './directories.ts';
import type { Build } from './directories.ts';
import { buildEncryption } from './encryption.ts';
import { checkDefaultRegion, checkGrantableRoles, checkPersonKey } from './references.ts';
import { buildSafety } from './safety.ts';
import { buildSchedule } from './schedule.ts';
import { configSchema, jsonSchema } from './schema.ts';
import type { Config } from './schema.ts';
import { RedactedSecret } from './secret.ts';
import { buildTarget } from './target.ts';
import { refuseUnsupported } from './unsupported.ts';

export type { LoadOptions } from './origin.ts';

const STATE_FOLDER = '.rollcall';

/**
 * Loads, checks and freezes the configuration, mapping included, without contacting anything.
 * @throws ConfigError `config.invalid`, `config.unsupported` or `mapping.invalid`: one sentence that names the file, the
 * key, the cause and the remedy.
 */
export function loadSettings(options: LoadOptions): Settings {
  const origin = findOrigin(options);
  return explained(origin, () => readSettings(origin, options.env));
}

function readSettings(origin: Origin, env: NodeJS.ProcessEnv): Settings {
  const raw = withoutBlanks(origin.raw);
  if (!isObject(raw)) fail('the top level', 'must be an object with keys such as directories and target.');
  refuseUnsupported(raw);
  const surroundings = { env, folder: origin.folder };
  const filled = interpolate(raw, '', surroundings);
  let parsed = configSchema.safeParse(filled);
  if (readScalars(raw, filled, parsed.error?.issues ?? [])) {
    refuseUnsupported(filled);
    parsed = configSchema.safeParse(filled);
  }
  const [issue] = parsed.error?.issues ?? [];
  if (issue !== undefined) failOn(issue, filled, jsonSchema());
  const warnings: string[] = [];
  const build: Build = {
    folder: origin.folder,
    secret: (key) => {
      const template = String(textAt(raw, key));
      return new RedactedSecret(() => explained(origin, () => interpolateText(template, key, surroundings)));
    },
    warn: (sentence) => void warnings.push(sentence),
  };
  const config = parsed.data as Config;
  const { source, mapping } = loadMapping(config.mapping, origin.label, config.target.profile, surroundings);
  checkDefaultRegion(config.defaultRegion);
  if (textAt(raw, 'identity.personKey') !== undefined) checkPersonKey(config.identity.personKey, mapping);
  checkGrantableRoles(config.target.grantableRoles, mapping);
  const settings = { ...buildSettings(config, origin, build), mapping: source, warnings };
  return freeze({ ...settings, hash: hashOf(settings) });
}

function buildSettings(config: Config, origin: Origin, build: Build): Omit<Settings, 'hash' | 'mapping' | 'warnings'> {
  const { disabled, gone, outOfScope, restoreOnReturn } = config.leavers;
  return {
    name: config.name,
    directories: buildDirectories(config.directories, build),
    target: buildTarget(config.target, build),
    defaultRegion: config.defaultRegion ?? null,
    identity: config.identity,
    leavers: { disabled, gone, outOfScope, restoreOnReturn },
    safety: buildSafety(config.safety),
    state: buildState(config, origin, build),
    schedule: buildSchedule(config.schedule),
    encryption: buildEncryption(config.encryption, build),
    telemetry: buildTelemetry(config),
    file: origin.file,
  };
}

function buildTelemetry({ telemetry: { metrics, logLevel } }: Config): Settings['telemetry'] {
  return { metrics: metrics === undefined ? null : readListenAddress(metrics, 'telemetry.metrics'), logLevel };
}

function buildState({ state }: Config, origin: Origin, build: Build): Settings['state'] {
  if (state.url !== undefined && !/^postgres(?:ql)?:\/\//.test(state.url)) {
    fail('state.url', 'must begin with postgres://; without it the state is a file beside the configuration.');
  }
  if (state.url !== undefined && !URL.canParse(state.url)) {
    const form = 'postgres://user:password@host/database';
    fail('state.url', `must have the form ${form}: write special characters of the password as %40 for @ and so on.`);
  }
  const url = state.url === undefined ? null : build.secret('state.url');
  return { url, folder: join(origin.folder, STATE_FOLDER) };
}

/** A key without a value means the same as no key; inside a mapping it may be one (`default:` of a lookup). */
function withoutBlanks(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutBlanks);
  if (!isObject(value)) return value;
  const members = Object.entries(value).filter(([, member]) => member !== null);
  return Object.fromEntries(
    members.map(([key, member]) => [key, key === 'mapping' ? member : withoutBlanks(member)] as const),
  );
}

/** What stands at a key such as `directories[0].bindPassword`. */
function textAt(raw: unknown, key: string): unknown {
  return key.split(/[.[\]]+/).reduce<unknown>((holder, name) => {
    if (Array.isArray(holder)) return holder[Number(name)] as unknown;
    return isObject(holder) && Object.hasOwn(holder, name) ? holder[name] : undefined;
  }, raw);
}

/** Turns what a check found into the error people see. */
function explained<Result>(origin: Origin, check: () => Result): Result {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof ConfigFault)) throw error;
    throw new ConfigError(`In ${origin.label}, ${origin.nameOf(error.key)} ${error.message}`, { code: error.code });
  }
}
