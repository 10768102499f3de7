/**
 * A step of `npm run build`: packs the command line and the worker, each with the packages it uses, into a few files in
 * the place of what `tsc` made. Node needs longer to find and read a thousand small files than most commands need to
 * run. `node tools/pack.mjs [target]`, by default `dist`.
 *
 * Everything packed stands one folder below the target, as the sources do: paths to data files fit both.
 */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const target = process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), '..', 'dist');

/** What is there only on some machines, brings files that it looks for itself, or starts threads of its own. */
const APART = ['@photostructure/sqlite', 'pg-native', 'pino'];
/** Native code and the workflow sandbox, and what has to be one and the same in them and here. */
const SDK = ['@temporalio/*'];

async function pack(program, external) {
  await build({
    entryPoints: [join(target, program, 'main.js')],
    outdir: join(target, program),
    allowOverwrite: true,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external,
    // CommonJS packages ask for Node's own modules by `require`, which ES modules lack.
    banner: { js: "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);" },
    logLevel: 'warning',
  });
}

await Promise.all([pack('client', APART), pack('worker', [...APART, ...SDK])]);
