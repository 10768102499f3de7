/**
 * The last step of `npm run build`: puts the data files that the rooms read at run time beside their compiled code,
 * and lets the command line be started by its name. `node tools/copy-assets.mjs [target]`, by default `dist`.
 */
import { chmodSync, cpSync, existsSync, readdirSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const ROOMS = ['config', 'mapping', 'temporal'];
const EXTENSIONS = ['.yaml', '.json', '.cjs'];

const target = process.argv[2] ?? join(ROOT, 'dist');
for (const room of ROOMS.filter((name) => existsSync(join(ROOT, name)))) {
  for (const file of readdirSync(join(ROOT, room)).filter((name) => EXTENSIONS.includes(extname(name)))) {
    cpSync(join(ROOT, room, file), join(target, room, file));
  }
}
chmodSync(join(target, 'client', 'main.js'), 0o755);
