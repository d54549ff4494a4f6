import { join } from 'node:path';
import type { OptionValues } from 'commander';
import { sourcesIn } from '../../activities/sources/index.ts';
import type { ExitCode } from '../../domain/failure/exit-code.ts';
import { exitCodes } from '../../domain/failure/exit-code.ts';
import { areZipsAsked } from '../../domain/kinds.ts';
import type { SavedCookies } from '../../domain/network/cookie-file.ts';
import type { NotifyRequest } from '../../domain/notices/notice.ts';
import type { RunRequest, StoreRef } from '../../domain/run/request.ts';
import { versionedTaskQueue } from '../../domain/run/task-queues.ts';
import { makeLogger } from '../../logger.ts';
import { openChildrenOf } from '../../runs/foreign/describe-run.ts';
import { makeRunObserver } from '../../runs/look-at-run.ts';
import { closing, endOfRun } from '../../runs/run-end.ts';
import type { StartedRun } from '../../runs/start-run.ts';
import { startRun } from '../../runs/start-run.ts';
import { uiLink } from '../../runs/ui-link.ts';
import { sampleTaskQueueOf } from '../../runs/workflow-id.ts';
import { readSigningKey } from '../../signing/signing-key.ts';
import type { ConnectionFlags } from '../../temporal/connection.ts';
import { type Display, noteTo } from '../../terminal/display.ts';
import type { WatchEnd } from '../../terminal/watch-run.ts';
import { watchRun } from '../../terminal/watch-run.ts';
import type { NetworkFlags, RunningWorker } from '../../worker.ts';
import type { CommandContext } from '../context/context.ts';
import { displayFor } from '../context/context.ts';
import { InterruptedError, unlessInterrupted } from '../context/interrupts.ts';
import type { Session } from '../context/session.ts';
import { openSession, serverOf } from '../context/session.ts';
import { keptRecordsIn } from '../describe/chosen-records.ts';
import { countsOf, sayStats } from '../describe/say-stats.ts';
import { readConnectionFlags } from '../flags/connection-flags.ts';
import { readCookies } from '../flags/cookies-flag.ts';
import type { DisplayOptions } from '../flags/display-flags.ts';
import { readDisplayOptions } from '../flags/display-flags.ts';
import { readNetworkFlags } from '../flags/network-flags.ts';
import { readNotify } from '../flags/notify-flags.ts';
import type { RunOptions } from '../flags/run-flags.ts';
import { readPlanning } from '../flags/selection/planning-flags.ts';
import { selectionWarnings } from '../flags/selection/selection-flags.ts';
import type { WorkerFlags } from '../flags/worker-flags.ts';
import { readWorkerOptions } from '../flags/worker-flags.ts';
import { printEnd } from '../follow/print-end.ts';
import { sayRun } from '../follow/say-run.ts';
import { printDryRun } from '../planning/dry-run.ts';
import { sampleOptions } from '../planning/sample-options.ts';
import { Cleanup } from './cleanup.ts';
import { drain } from './drain.ts';
import { hasSearchAttributes } from './has-search-attributes.ts';

/** Makes the request, in which `run` and `verify` differ: `verify` may repeat what the folder's last run was asked for. */
export type AskFor = (
  options: RunOptions,
  session: Session,
  store: StoreRef,
  say: (text: string) => void,
) => Promise<RunRequest>;

interface LaunchOptions {
  readonly run: RunOptions;
  readonly worker: WorkerFlags;
  readonly network: NetworkFlags;
  readonly cookies: SavedCookies | undefined;
  readonly display: DisplayOptions;
  readonly connection: ConnectionFlags;
  readonly taskQueue: string | undefined;
  readonly keep: boolean;
  readonly notify: NotifyRequest | undefined;
}

/** Server, worker, run and display in one process. */
export async function launch(
  context: CommandContext,
  values: OptionValues,
  run: RunOptions,
  askFor: AskFor,
): Promise<ExitCode> {
  const options: LaunchOptions = {
    run,
    worker: readWorkerOptions(values),
    network: readNetworkFlags(values, context.folders, context.env),
    // What stands in for Google on this machine gets none.
    cookies: run.sample ? undefined : readCookies(values, context.folders, context.config),
    display: readDisplayOptions(values),
    connection: readConnectionFlags(values),
    taskQueue: values.taskQueue,
    keep: values.keep === true,
    notify: readNotify(values, context.config),
  };
  const display = displayFor(context, values, options.display);
  display.say({ event: 'folder', path: run.out }, `dataset folder: ${run.out}`);
  for (const line of [...(run.notes ?? []), ...selectionWarnings(run)]) noteTo(display)(line);
  const planning = readPlanning(values, context.folders);
  if (planning.isDry) return printDryRun(context, run, options.worker.reserveBytes, display, planning);
  const cleanup = new Cleanup();
  try {
    return await runLaunch(context, options, askFor, display, cleanup);
  } catch (error) {
    if (!(error instanceof InterruptedError)) throw error;
    return sayInterrupted(display, 'interrupted before the run was started');
  } finally {
    display.settle();
    await cleanup.run();
  }
}

async function runLaunch(
  context: CommandContext,
  options: LaunchOptions,
  askFor: AskFor,
  display: Display,
  cleanup: Cleanup,
): Promise<ExitCode> {
  const { services, config, interrupt } = context;
  const store = await services.ensureStore(options.run.out);
  const signingKey = await readSigningKey(config.keyFile);
  const served = options.run.sample
    ? await unlessInterrupted(
        interrupt,
        services.serveSample({
          cacheDir: config.cacheDir,
          quota: options.run.quota,
          sources: sourcesIn(options.run.source),
          otherEncoding: options.run.accept === 'pixels',
          zips: areZipsAsked(options.run.kinds),
          onProgress: noteTo(display),
        }),
      )
    : undefined;
  if (served !== undefined) cleanup.add(served.close);
  const asked = served === undefined ? options.run : sampleOptions(options.run, served);

  const session = await unlessInterrupted(
    interrupt,
    openSession(context, options.connection, display, { without: 'provide', ownServerOnly: asked.sample }),
  );
  cleanup.add(session.close);
  if (asked.selection !== undefined) await services.keepAsk(store.path, asked.selection);
  const run = await startRun({
    client: session.connected.client,
    taskQueue: versionedTaskQueue(
      options.taskQueue ?? (asked.sample ? sampleTaskQueueOf(store) : config.taskQueue),
    ),
    store,
    request: await askFor(asked, session, store, noteTo(display)),
    server: serverOf(session),
    onLine: noteTo(display),
    takeOver: asked.takeOver,
    notify: options.notify,
    limits: asked.limits,
    signingKey,
    spoken: context.spoken,
    searchAttributes: await hasSearchAttributes(session, display),
  });
  const link = uiLink(session, run.workflowId, run.runId);
  sayRun(display, run, link);

  const worker = await services.startWorker({
    ...options.worker,
    settings: session.settings,
    taskQueue: run.taskQueue,
    config: { ...config, quotaWaitSeconds: served?.quotaWaitSeconds ?? config.quotaWaitSeconds },
    signingKey,
    network: options.network,
    cookies: options.cookies,
    googleOrigin: served?.origin ?? config.googleOrigin,
    sourceEnv: served?.served?.env,
    logger: makeLogger({
      level: config.logLevel,
      // The display says what a person should know; the worker's log would only get in its way.
      file: join(config.stateDir, 'worker.log'),
    }),
  });
  cleanup.add(() => drain(worker));
  display.say({ event: 'worker', state: 'started', taskQueue: run.taskQueue }, '');
  await freeActivities(context, session, run, display);

  const ended = await watched(session, run, display, options.display.timingWindow, interrupt, worker);
  if (ended.status === 'detached') {
    return sayInterrupted(
      display,
      'interrupted: draining the worker (Ctrl-C again ends at once); the run goes on when the command is given again',
    );
  }
  const exitCode = printEnd(ended, display, store.path, {
    link,
    server: session.embedded ? context.spoken('server') : undefined,
  });
  if (asked.stats && ended.status === 'completed')
    sayStats(await countsOf(keptRecordsIn(context, store.path)), display);
  if (options.keep) await keepUp(session, display, interrupt);
  return exitCode;
}

/**
 * Activities of killed workers would otherwise wait for their heartbeat timeout; so would the children that a terminated
 * run has left, and the new run for them.
 */
async function freeActivities(
  { services }: CommandContext,
  session: Session,
  run: StartedRun,
  display: Display,
): Promise<void> {
  try {
    const ids = run.how === 'attached' ? await runAndChildren(session, run.workflowId) : run.left;
    if (ids.length > 0) await services.freeActivities(session.connected, ids);
  } catch (error) {
    const text = `activities of a killed worker go on after their heartbeat timeout: ${(error as Error).message}`;
    display.say({ event: 'note', text }, text);
  }
}

async function runAndChildren({ connected }: Session, workflowId: string): Promise<readonly string[]> {
  const run = await connected.client.workflow.getHandle(workflowId).describe();
  return [workflowId, ...openChildrenOf(run)];
}

/** Watches until the run is closed or Ctrl-C; throws when the worker stops before that. */
async function watched(
  session: Session,
  run: StartedRun,
  display: Display,
  timingWindow: number,
  interrupt: AbortSignal,
  worker: RunningWorker,
): Promise<WatchEnd> {
  const { client } = session.connected;
  const gone = new AbortController();
  let failure: Error | undefined;
  worker.done.then(
    () => gone.abort(),
    (error: unknown) => {
      failure = error instanceof Error ? error : new Error(String(error));
      gone.abort();
    },
  );
  const ended = await watchRun({
    observer: makeRunObserver({ client, workflowId: run.workflowId }),
    end: () => endOfRun(client, run.workflowId),
    closed: closing(client, run.workflowId),
    display,
    signal: AbortSignal.any([interrupt, gone.signal]),
    timingWindow,
  });
  if (ended.status === 'detached' && !interrupt.aborted) {
    throw new Error('worker: the worker stopped before the run finished', {
      cause: failure,
    });
  }
  return ended;
}

function sayInterrupted(display: Display, text: string): ExitCode {
  display.say({ event: 'result', status: 'interrupted', exitCode: exitCodes.interrupted }, text);
  return exitCodes.interrupted;
}

async function keepUp(session: Session, display: Display, interrupt: AbortSignal): Promise<void> {
  const text = `the server and its UI stay up until Ctrl-C${session.ui === undefined ? '' : `: ${session.ui}`}`;
  display.say({ event: 'note', text, ui: session.ui }, text);
  if (interrupt.aborted) return;
  // An event listener alone does not keep the process alive.
  const alive = setInterval(() => {}, 60_000);
  await new Promise((done) => interrupt.addEventListener('abort', done, { once: true }));
  clearInterval(alive);
}
