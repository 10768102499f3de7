import type { Command } from 'commander';
import type { AddCommand, Load } from './add-command.ts';
import type { ScheduleActOptions, TriggerOptions } from './commands/schedule.ts';
import type { ActingOptions, CommonOptions } from './session.ts';

const commands = () => import('./commands/schedule.ts');

/** `schedule` and what stands below it. */
export function addScheduleCommands(program: Command, add: AddCommand): void {
  const schedule = program.command('schedule').description('runs that start by themselves');
  const acting = <T extends ActingOptions>(name: string, text: string, load: Load<T>): Command =>
    add(name, text, load, schedule).option('--actor <name>', "who acts (default: the system's user)");

  acting<ActingOptions>(
    'apply',
    'make the schedules what the configuration says',
    async () => (await commands()).applySchedule,
  );
  add<CommonOptions>(
    'list',
    'show when runs start, how the last ones ended, what is paused',
    async () => (await commands()).listSchedules,
    schedule,
  );
  acting<TriggerOptions>('trigger', 'start one now', async () => (await commands()).triggerSchedule).requiredOption(
    '--mode <mode>',
    'full or delta',
  );
  for (const command of [
    acting<ScheduleActOptions>(
      'pause',
      'let no run start by itself',
      async () => (await commands()).pauseSchedule,
    ).option(...REASON),
    acting<ScheduleActOptions>(
      'resume',
      'let runs start by themselves again',
      async () => (await commands()).resumeSchedule,
    ).option(...REASON),
    acting<ScheduleActOptions>('delete', 'remove the schedules', async () => (await commands()).deleteSchedule),
  ]) {
    command.option('--mode <mode>', 'full or delta (default: both)');
  }
}

const REASON = ['--reason <text>', 'why, for the note of the schedule'] as const;
