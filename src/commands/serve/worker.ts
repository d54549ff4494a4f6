import { exitCodes } from '../../domain/failure/exit-code.ts';
import { versionedTaskQueue } from '../../domain/run/task-queues.ts';
import { makeLogger } from '../../logger.ts';
import { readSigningKey } from '../../signing/signing-key.ts';
import type { Verb } from '../context/context.ts';
import { displayFor } from '../context/context.ts';
import { openSession } from '../context/session.ts';
import { readConnectionFlags } from '../flags/connection-flags.ts';
import { readCookies } from '../flags/cookies-flag.ts';
import { readNetworkFlags } from '../flags/network-flags.ts';
import { readRoots, readWorkerOptions } from '../flags/worker-flags.ts';
import { drain } from '../launch/drain.ts';

/** `ffhq worker`: one more process that works on whatever run is open, on this or any host, until Ctrl-C. */
export const worker: Verb = async (context, values) => {
  const { config, services, interrupt } = context;
  const display = displayFor(context, values);
  const options = readWorkerOptions(values);
  const roots = readRoots(values, context.folders);
  const network = readNetworkFlags(values, context.folders, context.env);
  const cookies = readCookies(values, context.folders, config);
  const session = await openSession(context, readConnectionFlags(values), display, { without: 'refuse' });
  try {
    const taskQueue = versionedTaskQueue(values.taskQueue ?? config.taskQueue);
    const running = await services.startWorker({
      ...options,
      settings: session.settings,
      taskQueue,
      config,
      roots,
      signingKey: await readSigningKey(config.keyFile),
      network,
      cookies,
      googleOrigin: config.googleOrigin,
      logger: makeLogger({ level: config.logLevel }),
    });
    display.say(
      { event: 'worker', state: 'started', taskQueue, numThreads: options.numThreads },
      `worker started: Task Queue ${taskQueue}, ${options.numThreads} files in flight; Ctrl-C drains it`,
    );
    const stop = new Promise<void>((done) => {
      if (interrupt.aborted) done();
      interrupt.addEventListener('abort', () => done(), { once: true });
    });
    await Promise.race([stop, running.done]);
    if (!interrupt.aborted) return exitCodes.internalError;
    display.say({ event: 'worker', state: 'draining' }, 'draining the worker (Ctrl-C again ends at once)');
    await drain(running);
    return exitCodes.interrupted;
  } finally {
    await session.close();
  }
};
