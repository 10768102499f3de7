import { readFileSync } from 'node:fs';

/** The default mapping as shipped: YAML text, printed by `init`. */
export function defaultMappingText(): string {
  return readFileSync(new URL('../mapping/default-mapping.yaml', import.meta.url), 'utf8');
}

/** A commented first configuration, printed by `init`; its secrets are environment variables. */
export function exampleConfigText(): string {
  return readFileSync(new URL('../config/example.yaml', import.meta.url), 'utf8');
}
