import type { Verb } from '../context/context.ts';
import { makeRunRequest, requireTask } from '../flags/run-flags.ts';
import { readOptions } from '../planning/apply-plan.ts';
import { launch } from './launch.ts';

/** `ffhq run`, which is `npm start`: server, worker, run and display in one process. */
export const run: Verb = async (context, values) => {
  const options = await readOptions(context, values);
  requireTask(options, context.spoken('run', '--json', '--images'));
  return launch(context, values, options, async (asked) =>
    // The sample is small: each time it is hashed as a whole, so that a second run proves what it says.
    makeRunRequest(asked, { trust: asked.sample ? 'contents' : 'records', fetch: 'missing' }),
  );
};
