import { resolve } from 'node:path';
import { compileMapping } from '../mapping/compile.ts';
import { checkGenesysSchema } from '../mapping/genesys-schema.ts';
import type { Mapping } from '../mapping/mapping.ts';
import { PROFILES } from '../model/profile.ts';
import type { ProfileName } from '../model/profile.ts';
import { interpolate, readTextFile } from './interpolate.ts';
import type { Surroundings } from './interpolate.ts';
import { isObject } from './fault.ts';
import { defaultMappingText } from './shipped.ts';
import { parseYaml } from './yaml-file.ts';

/** The mapping's content with variables filled in, and what it compiles to. */
export interface LoadedMapping {
  source: unknown;
  mapping: Mapping;
}

/**
 * Loads and compiles the mapping: the file a text names (relative to the configuration's folder), an inline object, or
 * the shipped default. For Genesys Cloud it refuses what that service's schema lacks; of any other service nobody knows the
 * schema.
 * @throws ConfigError `mapping.invalid` with the place in the mapping.
 */
export function loadMapping(
  configured: unknown,
  configFile: string,
  profile: ProfileName,
  surroundings: Surroundings,
): LoadedMapping {
  const { fixedSchema } = PROFILES[profile];
  const { name, source } =
    configured === undefined ? defaultMapping(fixedSchema) : readMapping(configured, configFile, surroundings);
  const mapping = compileMapping(source, name);
  if (fixedSchema) checkGenesysSchema(mapping, name);
  return { source, mapping };
}

/** The shipped mapping; without the ids by authority where the service is not Genesys Cloud, whose extension they belong to. */
function defaultMapping(genesys: boolean): { name: string; source: unknown } {
  const name = 'the default mapping';
  const source = parseYaml(defaultMappingText(), name);
  if (genesys || !isObject(source)) return { name, source };
  const { externalIds: _externalIds, ...others } = source;
  return { name, source: others };
}

function readMapping(
  configured: unknown,
  configFile: string,
  surroundings: Surroundings,
): { name: string; source: unknown } {
  if (typeof configured !== 'string') return { name: `the mapping of ${configFile}`, source: configured };
  const path = resolve(surroundings.folder, configured);
  const source = parseYaml(readTextFile(path, 'mapping'), path);
  return { name: path, source: interpolate(source, 'mapping', surroundings) };
}
