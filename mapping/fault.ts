import { ConfigError } from '../model/errors.ts';

/** Says where in the mapping file something is wrong; `compileMapping` puts the file's name in front. */
export class MappingFault extends Error {}

/** Ends compiling: `where` is the place in the mapping file, `what` the rest of the sentence with its remedy. */
export function fault(where: string, what: string): never {
  throw new MappingFault(`${where} ${what}`);
}

/** The error people see for a fault. */
export function mappingError(file: string, sentence: string): ConfigError {
  return new ConfigError(`In ${file}, ${sentence}`, { code: 'mapping.invalid' });
}
