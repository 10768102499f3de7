import type { Command } from 'commander';
import type { CommonOptions } from './session.ts';

/** Fetches the code of a command: every typed line is a process of its own and should load no more than it needs. */
export type Load<T> = () => Promise<(options: T, ...named: string[]) => Promise<number>>;

/** Adds a command with the options that all take, to the program itself or below another command. */
export type AddCommand = <T extends CommonOptions>(
  name: string,
  text: string,
  load: Load<T>,
  parent?: Command,
) => Command;
