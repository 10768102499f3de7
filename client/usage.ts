import type { CommanderError } from 'commander';

/** The one command that has others below it. */
const GROUP = 'schedule';

/**
 * The command whose help tells more about what was refused; null: the program's own.
 *
 * @param words what was typed after the program's name
 */
export function refusedCommand({ code }: Pick<CommanderError, 'code'>, words: readonly string[]): string | null {
  const [name, below] = words;
  if (name === undefined || name.startsWith('-')) return null;
  const isUnknown = code === 'commander.unknownCommand';
  if (name !== GROUP) return isUnknown ? null : name;
  return isUnknown || below === undefined || below.startsWith('-') ? name : `${name} ${below}`;
}

/**
 * The one sentence for what commander refuses, which itself names the cause alone. `command` is the command that was
 * typed, if it is one.
 */
export function usageSentence(error: CommanderError, command: string | null): string {
  const cause = error.message
    .replace(/^error:\s*/, '')
    .replace(/\s+/g, ' ')
    .replace(/\. Expected \d.*$/, '')
    .replace(/\. ([A-Z])/g, (_, letter: string) => `: ${letter.toLowerCase()}`)
    .replace(/\s*\(Did you mean (one of )?(.+?)\?\)$/, '; did you mean $1$2?')
    .replace(/\.$/, '');
  const sentence = cause.charAt(0).toUpperCase() + cause.slice(1);
  const help = `\`rollcall ${command === null ? '' : `${command} `}--help\``;
  return sentence.endsWith('?') ? `${sentence} See ${help}.` : `${sentence}; see ${help}.`;
}
