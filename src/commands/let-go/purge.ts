import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import { archivesIn } from '../../activities/purge/archives.ts';
import { statePaths } from '../../domain/dataset/layout.ts';
import type { PurgeResult } from '../../domain/exclusion/purge.ts';
import { CommandFailure, refused } from '../../domain/failure/command-failure.ts';
import { exitCodes } from '../../domain/failure/exit-code.ts';
import { versionedTaskQueue } from '../../domain/run/task-queues.ts';
import { formatFiles } from '../../domain/words/format.ts';
import { makeLogger } from '../../logger.ts';
import { startPurge } from '../../runs/purging/start-purge.ts';
import { endOfError, exitCodeOfEnd } from '../../runs/run-end.ts';
import { readSigningKey } from '../../signing/signing-key.ts';
import type { Display } from '../../terminal/display.ts';
import { purgedLine } from '../../terminal/end-text.ts';
import type { CommandContext, Verb } from '../context/context.ts';
import { displayFor } from '../context/context.ts';
import { InterruptedError, unlessInterrupted } from '../context/interrupts.ts';
import { openSession, type Session, serverOf } from '../context/session.ts';
import { readConnectionFlags } from '../flags/connection-flags.ts';
import { chooseOut } from '../flags/values/out-folder.ts';
import { Cleanup } from '../launch/cleanup.ts';
import { drain } from '../launch/drain.ts';
import { ExclusionsHere } from './exclusions-here.ts';

export function addPurgeFlags(command: Command): Command {
  return command.option(
    '--delete-archives',
    'TFRecords files and archives here go too: they hold the pictures of every record',
  );
}

/** Of a worker that removes: it fetches and aligns nothing. */
const workerOfPurge = {
  ...{ numThreads: 1, alignThreads: 0, chunkBytes: 128 * 1024, reserveBytes: 0, cookies: undefined },
  network: { ipv4: false, caCertificates: [] },
};

/** `ffhq purge`: what the folder's list excludes goes, with all that tells of it; a run of its own, that goes on after a kill. */
export const purge: Verb = async (context, values) => {
  const out = chooseOut(values.out, false, context.folders);
  const display = displayFor(context, values);
  const store = await context.services.findStore(out);
  if (store === undefined)
    throw refused(
      `folder [${out}]: expected a dataset folder with .ffhq/store.json, got none; name it with --out`,
    );
  const here = await ExclusionsHere.of(store.path, context);
  if ((await here.read()).entries.length === 0)
    throw refused(
      `exclusions [${store.path}]: expected a list of what goes, got none; make one with ${context.spoken('exclude')}`,
    );
  await refuseArchives(store.path, values.deleteArchives === true);
  const cleanup = new Cleanup();
  try {
    const session = await unlessInterrupted(
      context.interrupt,
      openSession(context, readConnectionFlags(values), display, { without: 'provide' }),
    );
    cleanup.add(session.close);
    const result = await purged(context, session, display, cleanup, {
      store,
      takeOver: values.takeOver === true,
      deleteArchives: values.deleteArchives === true,
      taskQueue: versionedTaskQueue(values.taskQueue ?? context.config.taskQueue),
    });
    return await told(display, store.path, result);
  } catch (error) {
    if (!(error instanceof InterruptedError)) throw error;
    const text = 'interrupted: the same command goes on with it';
    display.say({ event: 'result', status: 'interrupted', exitCode: exitCodes.interrupted }, text);
    return exitCodes.interrupted;
  } finally {
    await cleanup.run();
  }
};

async function refuseArchives(path: string, mayGo: boolean): Promise<void> {
  const archives = await archivesIn(path);
  if (archives.length === 0 || mayGo) return;
  throw refused([
    `archives [${path}]: expected none that hold the pictures of what goes, got ${archives.length}: ${archives.slice(0, 20).join(', ')}`,
    'give --delete-archives to have them removed as well, or move them away; nothing was removed',
  ]);
}

async function purged(
  { config, services, interrupt, spoken }: CommandContext,
  session: Session,
  display: Display,
  cleanup: Cleanup,
  asked: Pick<Parameters<typeof startPurge>[0], 'store' | 'takeOver' | 'deleteArchives' | 'taskQueue'>,
): Promise<PurgeResult> {
  const signingKey = await readSigningKey(config.keyFile);
  const { client } = session.connected;
  const run = await startPurge({ ...asked, client, server: serverOf(session), signingKey, spoken });
  const { workflowId, how } = run;
  display.say(
    { event: 'run', workflowId, state: how },
    how === 'started' ? `purge ${workflowId} started` : `purge ${workflowId} is open: going on with it`,
  );
  const worker = await services.startWorker({
    ...workerOfPurge,
    ...{ config, signingKey, settings: session.settings, taskQueue: run.taskQueue },
    googleOrigin: config.googleOrigin,
    logger: makeLogger({ level: config.logLevel, file: join(config.stateDir, 'worker.log') }),
  });
  cleanup.add(() => drain(worker));
  if (how === 'attached') await services.freeActivities(session.connected, [workflowId]);
  const gone = worker.done.then(() => {
    throw new Error('worker: the worker stopped before the purge was through');
  });
  try {
    return await unlessInterrupted(interrupt, Promise.race([run.result(), gone]));
  } catch (error) {
    const end = endOfError(error);
    const why = 'message' in end ? end.message : end.status;
    throw new CommandFailure(`purge [run=${workflowId}]: ${why}`, exitCodeOfEnd(end));
  }
}

async function told(display: Display, path: string, result: PurgeResult) {
  const { records, files, bytes, left } = result;
  const names = left > 0 ? await readFile(join(path, statePaths.purgeLeft), 'utf8').catch(() => '') : '';
  display.say(
    { event: 'result', status: 'complete', exitCode: exitCodes.complete, records, files, bytes, left },
    [
      purgedLine(result),
      `ledger: ${join(path, statePaths.exclusionLedger)}`,
      ...(left > 0
        ? [
            `${formatFiles(left)} here told of them when they were looked at, and are yours (${statePaths.purgeLeft}):`,
            ...names.trimEnd().split('\n').slice(0, 20),
          ]
        : []),
    ],
  );
  return exitCodes.complete;
}
