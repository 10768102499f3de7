import { explainPerson } from '../explain/explanation.ts';
import { renderExplanation } from '../explain/render.ts';
import { say, sayJson } from '../output.ts';
import { withSession, type CommonOptions } from '../session.ts';

/** `explain`: all that is known about one person, and why he is as he is. Changes nothing. Exit 1 for somebody unknown. */
export function explain(options: CommonOptions, person: string): Promise<number> {
  return withSession(options, async (session) => {
    const explanation = await explainPerson(session, person);
    if (options.json === true) sayJson(explanation);
    else say(renderExplanation(explanation));
    return 0;
  });
}
