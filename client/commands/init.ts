import { existsSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { defaultMappingText, exampleConfigText } from '../../config/shipped.ts';
import { ConfigError } from '../../model/errors.ts';
import { note } from '../output.ts';
import type { CommonOptions } from '../session.ts';

const MAPPING_FILE = 'mapping.yaml';

/** `init`: writes a commented first configuration and the default mapping, prints the mapping, and overwrites nothing. */
export async function init(options: CommonOptions): Promise<number> {
  const config = resolve(options.config ?? process.env['ROLLCALL_CONFIG'] ?? 'rollcall.yaml');
  const mapping = resolve(config, '..', MAPPING_FILE);
  for (const file of [config, mapping]) {
    if (existsSync(file)) throw new ConfigError(`${file} exists already; move it away or give another --config FILE.`);
  }
  write(config, exampleConfigText());
  write(mapping, defaultMappingText());
  note(`Wrote ${config} and ${mapping}; fill in the first, set the variables it names, then run \`check\`.`);
  process.stdout.write(options.json === true ? `${JSON.stringify({ config, mapping })}\n` : defaultMappingText());
  return 0;
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text, { flag: 'wx' });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    throw new ConfigError(
      `${file} cannot be written (${code}); make its folder writable, or give another --config FILE.`,
      {
        cause: error,
      },
    );
  }
}
