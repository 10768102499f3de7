/** Writes `rollcall.schema.json` anew after a change of `schema.ts`: `npx tsx config/write-schema.ts`, then format it. */
import { writeFileSync } from 'node:fs';
import { jsonSchema } from './schema.ts';

writeFileSync(new URL('./rollcall.schema.json', import.meta.url), `${JSON.stringify(jsonSchema(), null, 2)}\n`);
