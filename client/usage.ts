import type { CommanderError } from 'commander';

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
