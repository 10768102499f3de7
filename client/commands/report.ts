import { writeFile } from 'node:fs/promises';
import { ConfigError } from '../../model/errors.ts';
import { note, say, sayJson } from '../output.ts';
import { changesCsv } from '../report/csv.ts';
import { findRun, readDetails, type RunDetails } from '../report/details.ts';
import { reportPage } from '../report/html.ts';
import { renderDetails } from '../report/render.ts';
import { withSession, type CommonOptions } from '../session.ts';

export interface ReportOptions extends CommonOptions {
  /** A file, or true: on stdout. */
  csv?: string | true;
  /** A file. */
  html?: string;
}

/** `report`: what one run did, change by change; on the terminal, as JSON, as CSV or as a page. */
export function report(options: ReportOptions, run: string): Promise<number> {
  if (options.csv === true && options.json === true) {
    throw new ConfigError('--json and --csv both print on stdout; give --csv a file, or leave one of the two out.');
  }
  return withSession(options, async ({ settings, state }) => {
    const store = await state();
    const details = await readDetails(store, await findRun(store, settings.name, run));
    if (details.finishedAt === null) note('This run has not ended: these are its numbers so far.');
    if (typeof options.csv === 'string') await writeTo(options.csv, changesCsv(details));
    if (options.html !== undefined) await writeTo(options.html, await reportPage(details));
    print(details, options);
    return 0;
  });
}

/** Where files were asked for they are the result, and stdout stays empty. */
function print(details: RunDetails, { json, csv, html }: ReportOptions): void {
  if (json === true) sayJson(details);
  else if (csv === true) process.stdout.write(changesCsv(details));
  else if (csv === undefined && html === undefined) say(renderDetails(details));
}

/** A report names people: only its owner may read it. */
async function writeTo(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { mode: 0o600 });
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
    throw new ConfigError(`${file} cannot be written (${reason}); name a file in a folder that is there.`, {
      cause: error,
    });
  }
  note(`Wrote ${file}.`);
}
