import { refused } from '../../domain/failure/command-failure.ts';
import { exitCodes } from '../../domain/failure/exit-code.ts';
import { versionedTaskQueue } from '../../domain/run/task-queues.ts';
import { startRun } from '../../runs/start-run.ts';
import { uiLink } from '../../runs/ui-link.ts';
import { someWorkerPolls } from '../../runs/worker-polls.ts';
import { readSigningKey } from '../../signing/signing-key.ts';
import type { Verb } from '../context/context.ts';
import { displayFor } from '../context/context.ts';
import { openSession, serverOf } from '../context/session.ts';
import { readConnectionFlags } from '../flags/connection-flags.ts';
import { readDisplayOptions } from '../flags/display-flags.ts';
import { readNotify } from '../flags/notify-flags.ts';
import { makeRunRequest, requireTask } from '../flags/run-flags.ts';
import { readPlanning } from '../flags/selection/planning-flags.ts';
import { selectionWarnings } from '../flags/selection/selection-flags.ts';
import { readWorkerOptions } from '../flags/worker-flags.ts';
import { sayRun } from '../follow/say-run.ts';
import { watchHere } from '../follow/watch.ts';
import { readOptions } from '../planning/apply-plan.ts';
import { printDryRun } from '../planning/dry-run.ts';
import { hasSearchAttributes } from './has-search-attributes.ts';

/** `ffhq start`: starts the run only; workers and server run elsewhere. */
export const start: Verb = async (context, values) => {
  const { spoken } = context;
  const options = await readOptions(context, values);
  if (options.sample) {
    throw refused(
      `flag [--sample]: expected with \`${spoken('run')}\`, which serves the sample, got it with \`start\``,
    );
  }
  requireTask(options, spoken('start', '--json', '--images'));
  const { reserveBytes } = readWorkerOptions(values);
  const notify = readNotify(values, undefined);
  const display = displayFor(context, values, readDisplayOptions(values));
  display.say({ event: 'folder', path: options.out }, `dataset folder: ${options.out}`);
  for (const text of [...(options.notes ?? []), ...selectionWarnings(options)])
    display.say({ event: 'note', text }, text);
  if (options.stats) {
    const text = `--stats prints nothing here; \`${spoken('run')}\` prints the tables at its end`;
    display.say({ event: 'note', text }, text);
  }
  const planning = readPlanning(values, context.folders);
  if (planning.isDry) return printDryRun(context, options, reserveBytes, display, planning);
  const session = await openSession(context, readConnectionFlags(values), display, { without: 'refuse' });
  try {
    const store = await context.services.ensureStore(options.out);
    if (options.selection !== undefined) await context.services.keepAsk(store.path, options.selection);
    const run = await startRun({
      client: session.connected.client,
      taskQueue: versionedTaskQueue(values.taskQueue ?? context.config.taskQueue),
      store,
      request: makeRunRequest(options),
      server: serverOf(session),
      onLine: (text) => display.say({ event: 'note', text }, text),
      takeOver: options.takeOver,
      notify,
      limits: options.limits,
      signingKey: await readSigningKey(context.config.keyFile),
      spoken,
      searchAttributes: await hasSearchAttributes(session, display),
    });
    sayRun(display, run, uiLink(session, run.workflowId, run.runId));
    if (!(await someWorkerPolls(session.connected.client, run.taskQueue))) {
      const text = `no worker polls Task Queue ${run.taskQueue}: the run waits until one does (${spoken('worker')})`;
      display.say({ event: 'note', text, workerPolls: false }, text);
    }
    if (values.watch === true) return await watchHere(context, values, session, display, run.workflowId);
    return exitCodes.complete;
  } finally {
    await session.close();
  }
};
