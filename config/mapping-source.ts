import { resolve } from 'node:path';
import { compileMapping } from '../mapping/compile.ts';
import { checkGenesysSchema } from '../mapping/genesys-schema.ts';
import type { Mapping } from '../mapping/mapping.ts';
import { interpolate, readTextFile } from './interpolate.ts';
import type { Surroundings } from './interpolate.ts';
import { defaultMappingText } from './shipped.ts';
import { parseYaml } from './yaml-file.ts';

/** The mapping's content with variables filled in, and what it compiles to. */
export interface LoadedMapping {
  source: unknown;
  mapping: Mapping;
}

/**
 * Loads and compiles the mapping: the file a text names (relative to the configuration's folder), an inline object, or
 * the shipped default, and refuses what Genesys Cloud's schema lacks.
 * @throws ConfigError `mapping.invalid` with the place in the mapping.
 */
export function loadMapping(configured: unknown, configFile: string, surroundings: Surroundings): LoadedMapping {
  const { name, source } = readMapping(configured, configFile, surroundings);
  const mapping = compileMapping(source, name);
  checkGenesysSchema(mapping, name);
  return { source, mapping };
}

function readMapping(
  configured: unknown,
  configFile: string,
  surroundings: Surroundings,
): { name: string; source: unknown } {
  if (configured === undefined) {
    return { name: 'the default mapping', source: parseYaml(defaultMappingText(), 'the default mapping') };
  }
  if (typeof configured !== 'string') return { name: `the mapping of ${configFile}`, source: configured };
  const path = resolve(surroundings.folder, configured);
  const source = parseYaml(readTextFile(path, 'mapping'), path);
  return { name: path, source: interpolate(source, 'mapping', surroundings) };
}
