import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import { TypedSearchAttributes } from '@temporalio/common';
import { readExclusions } from '../activities/exclusion/exclusions.ts';
import { Seal } from '../activities/records/seal.ts';
import { describeSource } from '../activities/sources/index.ts';
import { lastingInode } from '../activities/store/lasting-inode.ts';
import { claim, isOfLostDatabase, readOwner } from '../activities/store/owner.ts';
import { findStore } from '../activities/store/store-identity.ts';
import { statePaths } from '../domain/dataset/layout.ts';
import { PURGE_TYPE } from '../domain/exclusion/purge.ts';
import { refused } from '../domain/failure/command-failure.ts';
import { limitsAfter, limitsText, noLimits, type RunLimits, sameLimits } from '../domain/limits/limits.ts';
import { refuseSecrets } from '../domain/network/request-url.ts';
import type { NotifyRequest } from '../domain/notices/notice.ts';
import { described, type Markdown } from '../domain/quoting/markdown.ts';
import type { RunRequest, StoreRef } from '../domain/run/request.ts';
import { canonicalRequest } from '../domain/run/request.ts';
import type { RunMemo, RunOwner } from '../domain/run/run.ts';
import { WORKFLOW_VERSION } from '../domain/run/run.ts';
import type { BuildDatasetInput } from '../domain/run/workflow-inputs.ts';
import { requestDetails, requestSummary } from '../domain/words/request-text.ts';
import { type SpokenAs, spokenByName } from '../domain/words/spoken-as.ts';
import { sign } from '../signing/signing-codec.ts';
import { ffhqRun, ffhqStage } from '../workflows/contract/search-attributes.ts';
import { describeRun, listOpenChildren, openChildrenOf, UnreadableRunError } from './foreign/describe-run.ts';
import { refusalOfStart } from './foreign/last-request.ts';
import { memoOf, readMemo } from './memo.ts';
import { terminateChildren, terminateRun } from './terminate-run.ts';
import { workflowIdOf } from './workflow-id.ts';

export interface StartRunOptions {
  readonly client: Client;
  readonly taskQueue: string;
  readonly store: StoreRef;
  readonly request: RunRequest;
  /** The server in use, as the folder's owner record names it. */
  readonly server: Omit<RunOwner, 'workflowId'>;
  readonly takeOver: boolean;
  /** Whom the run tells how it fares. A run that is open already tells whom it was started with. */
  readonly notify?: NotifyRequest | undefined;
  /** What the command says of it; the same command keeps what `ffhq set` said. @default none */
  readonly limits?: RunLimits;
  /** What the workers on the Task Queue know as the key of whoever may start runs. */
  readonly signingKey: Buffer;
  /** Does the server have the project's search attributes? */
  readonly searchAttributes: boolean;
  /** How long an older version's run has to stop before it is terminated. */
  readonly stopMs?: number;
  /** How a refusal names commands. */
  readonly spoken?: SpokenAs;
  /** What happened to the run before this one, where a person should know. */
  readonly onLine?: (line: string) => void;
}

export interface StartedRun {
  readonly workflowId: string;
  readonly runId: string;
  /** `renewed`: an older version's run was ended and this one begins anew from the disk. */
  readonly how: 'started' | 'attached' | 'renewed';
  /** Of the run: when attached, perhaps not the one asked for. */
  readonly taskQueue: string;
  /** Workflow Ids of the last run's children that have yet to close: it was terminated. */
  readonly left: readonly string[];
}

/**
 * One folder, one run. The same request while it is open: attached. Another one: refused, naming the open run and how
 * to stop it. Otherwise a new run starts from what is on the disk.
 */
export async function startRun(options: StartRunOptions): Promise<StartedRun> {
  const { client, store } = options;
  // Flags hold none, but the card of a folder that an older version filled may.
  refuseSecrets(options.request);
  const workflowId = workflowIdOf(store);
  let how: StartedRun['how'] = 'started';
  for (;;) {
    const told = await describeLast(options, workflowId);
    const last = told instanceof UnreadableRunError ? undefined : told;
    if (last !== undefined && isOpen(last)) {
      if (last.type === PURGE_TYPE) throw refusedByPurge(last, options);
      const memo = readMemo(last);
      if (memo?.version === WORKFLOW_VERSION) {
        if (!(await isMovedHere(last, memo, options))) {
          await refuseAnotherKey(last, options);
          const attached = attach(last, memo, options);
          await restoreMark(last, memo, options);
          sayOtherLimits(memo, options);
          return attached;
        }
      }
      await endOldRun(client, last, options.stopMs ?? 5_000);
      how = 'renewed';
    }
    const left = await childrenLeft(last, options, workflowId);
    // Before the start: the new run claims the folder at once.
    const before = await whatWas(last, options, workflowId);
    try {
      const handle = await client.workflow.start(
        'buildDataset',
        await startOptions(options, workflowId, last),
      );
      if (before !== undefined) options.onLine?.(before);
      return { workflowId, runId: handle.firstExecutionRunId, how, taskQueue: options.taskQueue, left };
    } catch (error) {
      // Another command started it in between: look again.
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      if (told instanceof UnreadableRunError) throw told;
    }
  }
}

/** The last run under the id, open or closed, as far as the server remembers it; or that it cannot tell of it. */
async function describeLast(
  { client, spoken = spokenByName }: StartRunOptions,
  workflowId: string,
): Promise<WorkflowExecutionDescription | UnreadableRunError | undefined> {
  try {
    return await describeRun(client, workflowId, { spoken });
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    // Whether it is open shows when another one is started.
    if (error instanceof UnreadableRunError) return error;
    throw error;
  }
}

function isOpen({ status }: WorkflowExecutionDescription): boolean {
  return status.name === 'RUNNING' || status.name === 'PAUSED';
}

/**
 * Children of earlier runs that may still be open: they were asked to stop and do so in good order. Where the new run's
 * workers cannot work on them, by their key, their Task Queue or what was answered to them, nobody else will: those are
 * terminated.
 */
async function childrenLeft(
  last: WorkflowExecutionDescription | undefined,
  options: StartRunOptions,
  workflowId: string,
): Promise<readonly string[]> {
  const { client } = options;
  const told = last?.status.name === 'TERMINATED' ? openChildrenOf(last) : [];
  const left: string[] = [];
  const stuck: string[] = [];
  for (const id of new Set([...told, ...(await listOpenChildren(client, workflowId))])) {
    const mayStop = await mayStillStop(id, options);
    if (mayStop !== undefined) (mayStop ? left : stuck).push(id);
  }
  await terminateChildren(client, stuck, 'belongs to a run that was terminated');
  return left;
}

/** Undefined: it is closed. */
async function mayStillStop(
  child: string,
  { client, taskQueue, signingKey }: StartRunOptions,
): Promise<boolean | undefined> {
  try {
    const described = await describeRun(client, child);
    if (!isOpen(described)) return undefined;
    // The queue's name has the version of the code.
    return (
      described.taskQueue === taskQueue && (await refusalOfStart(client, described, signingKey)) === undefined
    );
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    if (error instanceof UnreadableRunError) return false;
    throw error;
  }
}

/** In words, if the last run did not end by itself. */
async function whatWas(
  last: WorkflowExecutionDescription | undefined,
  { store, server }: StartRunOptions,
  workflowId: string,
): Promise<string | undefined> {
  if (last?.status.name === 'TERMINATED')
    return 'the last run of this folder was terminated: this one goes on from what is on the disk';
  if (last !== undefined) return undefined;
  const owner = await readOwner(store.path);
  if (owner === undefined || !isOfLostDatabase(owner, ownerOf(server, workflowId))) return undefined;
  return (
    'the Temporal server does not know the last run of this folder, because its database is another one now: ' +
    'this run goes on from what is on the disk'
  );
}

/**
 * A folder that was copied has the id of the other one: what its run brings does not come here. Answers whether the run's
 * folder was moved here instead.
 */
async function isMovedHere(
  open: WorkflowExecutionDescription,
  memo: RunMemo,
  { store }: StartRunOptions,
): Promise<boolean> {
  if (memo.out === store.path || memo.folder === undefined) return false;
  const here = await lastingInode(store.path);
  if (here === undefined || here === memo.folder) return false;
  if ((await findStore(memo.out).catch(() => undefined))?.id !== store.id) return true;
  throw refused(
    `folder [${store.path}]: expected one with an id of its own, got a copy of ${memo.out}, where run ${open.workflowId} ` +
      `is open: wait for that run, or remove ${statePaths.store} and ${statePaths.storeTwin} from the copy`,
  );
}

/**
 * An open run whose folder another run had taken over, and left, or that was restored from a backup, goes on there: without
 * its mark its Activities would take the folder for a copy, and wait. Only where it surely is that folder.
 */
async function restoreMark(
  open: WorkflowExecutionDescription,
  memo: RunMemo,
  { store, server }: StartRunOptions,
): Promise<void> {
  const run = open.raw.workflowExecutionInfo?.firstRunId;
  const here = await lastingInode(store.path);
  if (!run || here === undefined || (memo.out !== store.path && memo.folder !== here)) return;
  const owner = await readOwner(store.path);
  if (owner !== undefined && (owner.run !== run || owner.folder === undefined || owner.folder === here))
    return;
  await claim(store, ownerOf(server, open.workflowId), run, false);
}

/** What goes is not to be fetched meanwhile. */
function refusedByPurge(
  { workflowId }: WorkflowExecutionDescription,
  { store, spoken = spokenByName }: StartRunOptions,
) {
  return refused([
    `run [${workflowId}]: expected no open run with another request on ${store.path}, got a purge`,
    `see it to its end: ${spoken('purge', '--out', store.path)}`,
  ]);
}

/** No worker with this key goes on with what was started with another one. */
async function refuseAnotherKey(
  { workflowId, runId }: WorkflowExecutionDescription,
  { client, store, signingKey, spoken = spokenByName }: StartRunOptions,
): Promise<void> {
  const execution = { workflowId, runId, type: 'buildDataset' };
  if (!(await refusalOfStart(client, execution, signingKey))?.isOfAnotherKey) return;
  throw refused([
    `run [${workflowId}]: expected an open run that was started with this key, got one that was started with another`,
    'go on with it by setting FFHQ_KEY_FILE to that key and giving its command again, or end it first, which loses ' +
      `nothing of the files: ${spoken('cancel', '--force', '--out', store.path)}`,
  ]);
}

function attach(
  open: WorkflowExecutionDescription,
  memo: RunMemo,
  { request, store, spoken = spokenByName }: StartRunOptions,
): StartedRun {
  if (memo.request !== canonicalRequest(request)) {
    throw refused([
      `run [${open.workflowId}]: expected no open run with another request on ${store.path}, ` +
        `got one that was asked for: ${summaryOfMemo(memo)}`,
      `go on with it by giving its command again, or stop it first: ${spoken('cancel', '--out', store.path)}`,
    ]);
  }
  return {
    workflowId: open.workflowId,
    runId: open.runId,
    how: 'attached',
    taskQueue: open.taskQueue,
    left: [],
  };
}

function summaryOf(request: RunRequest): Markdown {
  return requestSummary(request, describeSource(request.source));
}

/** A memo may be another version's: what this one cannot read must not hide how to end that run. */
function summaryOfMemo({ request }: RunMemo): string {
  try {
    return summaryOf(JSON.parse(request) as RunRequest);
  } catch {
    return 'something that this version cannot read';
  }
}

/** Its workers may be gone, or may not know how to replay it: asked to stop first, terminated if it does not. */
async function endOldRun(client: Client, open: WorkflowExecutionDescription, stopMs: number): Promise<void> {
  const handle = client.workflow.getHandle(open.workflowId, open.runId);
  const isClosed = async () => (await handle.describe()).status.name !== 'RUNNING';
  try {
    await handle.cancel();
    for (const deadline = performance.now() + stopMs; performance.now() < deadline; ) {
      if (await isClosed()) return;
      await new Promise((done) => setTimeout(done, 200));
    }
    const reason = 'belongs to another version of the project; a new run goes on from the disk';
    await terminateRun(client, open.workflowId, reason);
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}

function ownerOf(server: StartRunOptions['server'], workflowId: string): RunOwner {
  const { clusterId, address, namespace, home } = server;
  return { workflowId, clusterId, address, namespace, ...(home === undefined ? {} : { home }) };
}

/** An open run keeps its limits: the command that joins it may be an older one than the last `ffhq set`. */
function sayOtherLimits(
  { limits: kept }: RunMemo,
  { limits = noLimits, store, spoken = spokenByName, onLine }: StartRunOptions,
): void {
  const [asked, now] = [kept?.asked ?? noLimits, kept?.now ?? noLimits];
  if (sameLimits(limits, asked) || sameLimits(limits, now)) return;
  const held = limitsText(now, Date.now()) || 'none';
  onLine?.(`this run keeps its limits: ${held}; change them with \`${spoken('set', '--out', store.path)}\``);
}

/** A run goes on only where the list of what is let go is still there. Refuses one of another key: a person says whether it holds. */
async function withExclusions(store: StoreRef, seal: Seal): Promise<StoreRef> {
  const { entries, digest } = await readExclusions(store.path, seal);
  return entries.length === 0 ? store : { ...store, exclusions: digest };
}

/** A run that ended before it was complete is gone on with: the same command keeps what `ffhq set` said of it. */
function keptLimits(last: WorkflowExecutionDescription | undefined, { limits = noLimits }: StartRunOptions) {
  const before = last === undefined || last.status.name === 'COMPLETED' ? undefined : readMemo(last)?.limits;
  return limitsAfter(before, limits);
}

async function startOptions(
  options: StartRunOptions,
  workflowId: string,
  last: WorkflowExecutionDescription | undefined,
) {
  const { store, request, taskQueue, server, takeOver, searchAttributes, signingKey, notify } = options;
  const memo: RunMemo = { ...(await memoOf(store, request)), limits: keptLimits(last, options) };
  const input: BuildDatasetInput = {
    store: await withExclusions(store, new Seal(signingKey)),
    request,
    owner: ownerOf(server, workflowId),
    takeOver,
    searchAttributes,
    ...(notify === undefined ? {} : { notify }),
  };
  return {
    workflowId,
    taskQueue,
    args: [sign(signingKey, input, { namespace: server.namespace, workflowId, type: 'buildDataset' })] as [
      BuildDatasetInput,
    ],
    memo: { ...memo },
    workflowIdReusePolicy: 'ALLOW_DUPLICATE' as const,
    workflowIdConflictPolicy: 'FAIL' as const,
    ...described(summaryOf(request), requestDetails(request, store.path)),
    ...(searchAttributes
      ? {
          typedSearchAttributes: new TypedSearchAttributes([
            { key: ffhqRun, value: workflowId },
            { key: ffhqStage, value: 'manifest' },
          ]),
        }
      : {}),
  };
}
