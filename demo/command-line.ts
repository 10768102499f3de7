import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { asTold } from './as-told.ts';
import { prompt, quote } from './narrate.ts';
import { ROOT, type Stage } from './stage.ts';

/** No command of the tour takes longer unless something is wrong. */
const LIMIT_MS = 120_000;

export interface CommandResult {
  status: number | null;
  stdout: string;
}

/** Types Rollcall's commands for the reader and runs them as he would: real processes, real exit statuses. */
export class CommandLine {
  private readonly stage: Stage;
  private readonly signal: AbortSignal;

  constructor(stage: Stage, signal: AbortSignal) {
    this.stage = stage;
    this.signal = signal;
  }

  /** Shows the command and what it prints, `lines` of it, and gives its end back, without colours. */
  async type(args: string[], lines?: number): Promise<CommandResult> {
    prompt(`npm run client -- ${args.map(quoted).join(' ')}`);
    const result = await this.run(args);
    quote(result.stdout, lines);
    return { ...result, stdout: stripVTControlCharacters(result.stdout) };
  }

  /** What a command prints, without showing it. @throws OtherwiseError when it fails */
  async quietly(args: string[]): Promise<string> {
    const { status, stdout } = await this.run(args);
    asTold(status === 0, `\`${args.join(' ')}\` should have exit status 0, and has ${status}`);
    return stdout;
  }

  private async run(args: string[]): Promise<CommandResult> {
    const command = ['--import', 'tsx', join(ROOT, 'client/main.ts'), ...args];
    const limit = AbortSignal.timeout(LIMIT_MS);
    // Standard error goes straight through: there a run followed by --wait shows where it is.
    const child = spawn(process.execPath, command, {
      cwd: ROOT,
      env: this.stage.environment,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const end = (): void => void child.kill('SIGTERM');
    const signals = AbortSignal.any([this.signal, limit]);
    signals.addEventListener('abort', end);
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk;
    });
    const [status] = (await once(child, 'close')) as [number | null];
    signals.removeEventListener('abort', end);
    this.signal.throwIfAborted();
    if (limit.aborted) throw new Error(`The command ${args.join(' ')} did not end within ${LIMIT_MS / 1000} s.`);
    return { status, stdout };
  }
}

/** An argument as a shell needs it. */
function quoted(argument: string): string {
  return /^[\w@.:/=-]+$/.test(argument) ? argument : `'${argument}'`;
}
