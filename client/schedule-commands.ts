import type { Command } from 'commander';
import {
  applySchedule,
  deleteSchedule,
  listSchedules,
  pauseSchedule,
  resumeSchedule,
  triggerSchedule,
  type ScheduleActOptions,
  type TriggerOptions,
} from './commands/schedule.ts';
import type { ActingOptions, CommonOptions } from './session.ts';

/** Adds a command with the options that all take, to the program itself or below another command. */
export type AddCommand = <T extends CommonOptions>(
  name: string,
  text: string,
  run: (options: T) => Promise<number>,
  parent?: Command,
) => Command;

/** `schedule` and what stands below it. */
export function addScheduleCommands(program: Command, add: AddCommand): void {
  const schedule = program.command('schedule').description('runs that start by themselves');
  const acting = <T extends ActingOptions>(name: string, text: string, run: (options: T) => Promise<number>): Command =>
    add(name, text, run, schedule).option('--actor <name>', "who acts (default: the system's user)");

  acting<ActingOptions>('apply', 'make the schedules what the configuration says', applySchedule);
  add<CommonOptions>('list', 'show when runs start, how the last ones ended, what is paused', listSchedules, schedule);
  acting<TriggerOptions>('trigger', 'start one now', triggerSchedule).requiredOption('--mode <mode>', 'full or delta');
  for (const command of [
    acting<ScheduleActOptions>('pause', 'let no run start by itself', pauseSchedule).option(...REASON),
    acting<ScheduleActOptions>('resume', 'let runs start by themselves again', resumeSchedule).option(...REASON),
    acting<ScheduleActOptions>('delete', 'remove the schedules', deleteSchedule),
  ]) {
    command.option('--mode <mode>', 'full or delta (default: both)');
  }
}

const REASON = ['--reason <text>', 'why, for the note of the schedule'] as const;
