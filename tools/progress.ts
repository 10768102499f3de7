/** How often a line is added where the terminal cannot rewrite one, in milliseconds. */
const LINE_EVERY_MS = 15_000;

/** Runs something slow and shows on standard error what it is and for how many seconds it has been going on. */
export async function withProgress<T>(what: string, work: () => Promise<T>): Promise<T> {
  const out = process.stderr;
  const started = performance.now();
  const seconds = () => Math.round((performance.now() - started) / 1000);
  out.write(out.isTTY ? what : `${what} ...\n`);
  const timer = setInterval(
    () => out.write(out.isTTY ? `\r${what} ... ${seconds()} s` : `${what} ... ${seconds()} s\n`),
    out.isTTY ? 1_000 : LINE_EVERY_MS,
  );
  timer.unref();
  try {
    return await work();
  } finally {
    clearInterval(timer);
    out.write(out.isTTY ? `\r${what}: ${seconds()} s      \n` : `${what}: ${seconds()} s\n`);
  }
}
