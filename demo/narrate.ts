import pc from 'picocolors';

/** Prints the tour: colour and rewritten lines on a terminal, plain lines in a pipe. */

const TERMINAL = process.stdout.isTTY === true;
/** Colour in a pipe only when asked for: `CI` alone, which picocolors also takes for a yes, is no wish for it. */
const COLOUR = pc.isColorSupported && (TERMINAL || process.env['FORCE_COLOR'] !== undefined);
/** Width of the first column of {@link fact}. */
const LABEL = 16;

export const colours = pc.createColors(COLOUR);

/** What tells the commands that the tour runs whether to print in colour. */
export function colourEnvironment(): NodeJS.ProcessEnv {
  return COLOUR ? { FORCE_COLOR: '1', NO_COLOR: undefined } : { NO_COLOR: '1', FORCE_COLOR: undefined };
}

export function say(text = ''): void {
  process.stdout.write(`${text}\n`);
}

/** A heading; chapters are numbered by the caller. */
export function chapter(title: string): void {
  say(`\n${colours.bold(colours.cyan(`== ${title}`))}\n`);
}

/** One line with a label before it: `  Temporal        127.0.0.1:7233`. */
export function fact(label: string, text: string): void {
  say(`  ${colours.dim(label.padEnd(LABEL))}${text}`);
}

/** `before -> after`, as one value of a person. */
export function arrow(before: string | null, after: string | null): string {
  return `${colours.red(before ?? '(none)')} -> ${colours.green(after ?? '(none)')}`;
}

/** A command line as an operator types it. */
export function prompt(command: string): void {
  say(`${colours.green('$')} ${colours.bold(command)}`);
}

/** What a command printed, set in; only the first `lines` of it, with a word about the rest. */
export function quote(text: string, lines = Infinity): void {
  const all = text.trimEnd().split('\n');
  for (const line of all.slice(0, lines)) say(`  ${line}`);
  if (all.length > lines) say(colours.dim(`  ... and ${all.length - lines} more lines`));
}

/** Shows that something is going on, then how long it took. */
export async function step<T>(what: string, work: () => Promise<T>): Promise<T> {
  const started = performance.now();
  process.stdout.write(TERMINAL ? `  ${what} ...` : `  ${what} ...\n`);
  const done = await work();
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const line = `  ${colours.green('done')} ${what} ${colours.dim(`(${seconds} s)`)}`;
  say(TERMINAL ? `\r\u001b[2K${line}` : line);
  return done;
}
