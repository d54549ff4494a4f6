import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/client';
import { refused } from '../../domain/failure/command-failure.ts';
import type { TaskKind } from '../../domain/kinds.ts';
import { kinds, taskKinds } from '../../domain/kinds.ts';
import type { RunRequest } from '../../domain/run/request.ts';
import { readMemo } from '../../runs/memo.ts';
import { workflowIdOf } from '../../runs/workflow-id.ts';
import type { Verb } from '../context/context.ts';
import type { FolderData } from '../context/services.ts';
import type { RunOptions } from '../flags/run-flags.ts';
import { makeRunRequest, readRunOptions } from '../flags/run-flags.ts';
import { launch } from './launch.ts';

/**
 * `ffhq verify [--repair]`: hashes everything again. Which data it is, the folder and its last run know, unless flags say
 * otherwise.
 */
export const verify: Verb = async (context, values) => {
  const options = readRunOptions(values, context.folders);
  const fetch = values.repair === true ? 'missing' : 'nothing';
  if ((await context.services.findStore(options.out)) === undefined) {
    throw refused(
      `folder [${options.out}]: expected a dataset folder with .ffhq/store.json, got none; name it with --out`,
    );
  }
  return launch(context, values, options, async (asked, session, store) => {
    const last = asked.saysWhatData
      ? undefined
      : dataOf(
          await context.services.filledBy(store.path),
          await requestOfLastRun(session.connected.client, workflowIdOf(store)),
        );
    const given = options.kinds.length > 0 ? options.kinds : await kindsOnDisk(store.path);
    const aligned = options.kinds.length === 0 && last?.align !== undefined;
    return askedAsBefore({ ...asked, kinds: aligned ? [...given, 'align'] : given }, last, fetch);
  });
};

/** What is said of a folder's data. */
type Data = FolderData & Pick<RunRequest, 'align'>;

/**
 * The folder itself knows by which manifest it was filled: the last run may have been asked for another one and ended
 * before it had it, or this server may know of no run. How its pictures were aligned only that run knows.
 */
function dataOf(filledBy: FolderData | undefined, last: RunRequest | undefined): Data | undefined {
  if (filledBy === undefined) return last;
  const { manifest, license, source, allowedHosts } = filledBy;
  const isSame = JSON.stringify(last?.manifest) === JSON.stringify(manifest);
  return {
    ...{ manifest, license, source, allowedHosts },
    ...(isSame && last?.align !== undefined ? { align: last.align } : {}),
  };
}

/** A request to verify: data as the last run had it, everything else as asked now. */
function askedAsBefore(asked: RunOptions, last: Data | undefined, fetch: RunRequest['fetch']): RunRequest {
  const request = makeRunRequest(asked, { trust: 'contents', fetch });
  if (last === undefined) return request;
  const { manifest, license, source, align } = last;
  const allowedHosts = [...new Set([...last.allowedHosts, ...request.allowedHosts])].sort();
  // Only the run that made them knows what aligned pictures should be.
  const how = asked.kinds.some(isAligned) ? (align ?? asked.align) : undefined;
  return {
    ...request,
    manifest,
    license,
    source,
    allowedHosts,
    ...(how === undefined ? {} : { align: how }),
  };
}

/** Kinds that have a folder under OUT. */
async function kindsOnDisk(out: string): Promise<TaskKind[]> {
  const found: TaskKind[] = [];
  for (const kind of taskKinds) {
    // What aligned pictures should be depends on the options that they were made by: only a run that had them knows.
    if (isAligned(kind)) continue;
    if (await exists(join(out, kinds[kind].folder))) found.push(kind);
  }
  return found;
}

async function requestOfLastRun(client: Client, workflowId: string): Promise<RunRequest | undefined> {
  try {
    const memo = readMemo(await client.workflow.getHandle(workflowId).describe());
    return memo === undefined ? undefined : (JSON.parse(memo.request) as RunRequest);
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}

function isAligned(kind: TaskKind): boolean {
  return kinds[kind].obtained === 'aligned';
}
