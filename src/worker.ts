import { fileURLToPath } from 'node:url';
import { DefaultLogger, type NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { AlignPool } from './activities/align/threads/align-pool.ts';
import type { ActivityDependencies } from './activities/dependencies.ts';
import { createActivities, createAlignActivities } from './activities/index.ts';
import { makeLimitedFiles, mostInHand } from './activities/limits/limited-files.ts';
import { ProcessorLoad } from './activities/limits/processor-load.ts';
import { type MemoryBudget, makeMemoryBudget } from './activities/png/memory-budget.ts';
import { FailureLog } from './activities/records/failure-log.ts';
import { makeManifestCaches } from './activities/records/line-cache.ts';
import { Seal } from './activities/records/seal.ts';
import { VerifiedLog } from './activities/records/verified-records.ts';
import { onlySignedActivities } from './activities/signed-activities.ts';
import { GateBook } from './activities/sources/gates/gate-book.ts';
import { makeHttpClient } from './activities/sources/http/client.ts';
import { makeSourceBook, type SourceBook } from './activities/sources/source-book.ts';
import { SpaceGuard } from './activities/store/free-space.ts';
import { Hands } from './activities/store/hands.ts';
import { StoreDoor } from './activities/store/store-door.ts';
import { WriterProcess } from './activities/store/writer.ts';
import { Timeline } from './activities/timeline/timeline.ts';
import { PrefixHashes } from './activities/verify/prefix-hashes.ts';
import { VerifyThreads } from './activities/verify/verify-threads.ts';
import type { Config } from './config.ts';
import { type LargeFileSpec, rangeFiles } from './domain/dataset/reference-files.ts';
import { refused } from './domain/failure/command-failure.ts';
import { kinds } from './domain/kinds.ts';
import type { SavedCookies } from './domain/network/cookie-file.ts';
import { quotedLine } from './domain/quoting/quoted.ts';
import { Slots } from './domain/run/slots.ts';
import { taskQueueOf } from './domain/run/task-queues.ts';
import type { Logger } from './logger.ts';
import { keepHeapsSmall } from './process/small-heap.ts';
import { SigningCodec } from './signing/signing-codec.ts';
import { type ConnectionSettings, connectNative } from './temporal/connection.ts';
import { makeGateServer } from './temporal/gate-server.ts';
import { isDeadProcessOfThisHost, workerIdentity } from './temporal/identity.ts';
import { lookAtRunInWork } from './temporal/run-in-work.ts';
import { bundleSlots } from './temporal/slot-supplier.ts';

export interface WorkerOptions {
  readonly settings: ConnectionSettings;
  readonly taskQueue: string;
  readonly config: Config;
  /** Files in flight. */
  readonly numThreads: number;
  /** Threads that align; 0: this worker does not. */
  readonly alignThreads: number;
  readonly chunkBytes: number;
  readonly reserveBytes: number;
  /** Folders without which no dataset folder is entered. @default any may be */
  readonly roots?: readonly string[];
  /** The files that may come by byte ranges. @default those of the dataset */
  readonly largeFiles?: readonly LargeFileSpec[];
  /** How sources are reached; which proxies lead there is the configuration's. */
  readonly network: NetworkFlags;
  /** Google's cookies, of a file that the user named. */
  readonly cookies?: SavedCookies | undefined;
  /** Where Google's hosts really lead; undefined: to Google. */
  readonly googleOrigin: string | undefined;
  /** What sources heed in place of this process's environment. @default nothing */
  readonly sourceEnv?: Readonly<Record<string, string | undefined>> | undefined;
  /** What inputs are signed with: only those that are signed by it are worked on. */
  readonly signingKey: Buffer;
  readonly logger: Logger;
}

/** What the command line says of the network. */
export interface NetworkFlags {
  /** By IPv4 alone. */
  readonly ipv4: boolean;
  /** Certificates in PEM that are believed beside the usual ones. */
  readonly caCertificates: readonly string[];
  /** Path of the list of copies in one's own Drive. */
  readonly driveIds?: string | undefined;
}

export interface RunningWorker {
  /** Settles when the worker has stopped; rejects when it stopped by itself. */
  readonly done: Promise<void>;
  /** Drains it: Activities are told to stop at once and keep their partial files. */
  readonly shutdown: () => Promise<void>;
}

/**
 * Heartbeats are sent this often at most. Cancel and pause reach an Activity only through them, so this is how fast it
 * hears of those; few bundles run at once, so it is few writes for the server.
 */
const HEARTBEAT_MS = 2_000;

/** A shard is about 1 MB of cached workflow; the window has 4 of them, a run and its archives beside. */
const CACHED_WORKFLOWS = 50;

/** Composition root: configuration -> dependencies -> Worker. */
export async function startWorker(options: WorkerOptions): Promise<RunningWorker> {
  installRuntime(options.logger);
  const connection = await connectNative(options.settings);
  const memory = makeMemoryBudget();
  const dependencies = makeDependencies(options, memory, connection);
  const pool = options.alignThreads > 0 ? new AlignPool(options.alignThreads, { memory }) : undefined;
  const close = async () => {
    await pool?.close();
    await dependencies.timeline?.flush();
    await dependencies.verifier.close();
    await dependencies.sources.close();
    await dependencies.notices.http.close();
    await dependencies.hands.close();
    await connection.close();
  };
  try {
    await lookAtCredentials(dependencies.sources, options.logger);
    const workers = [await createWorker(options, connection, dependencies)];
    if (pool) workers.push(await createAlignWorker(options, connection, dependencies, pool));
    const done = runAll(workers).finally(close);
    // Whoever awaits `done` hears of it; nobody need do so before it happens.
    done.catch(() => {});
    return {
      done,
      shutdown: async () => {
        stopAll(workers);
        await done;
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A file that others may read, or that is no key, is refused before the first task: the person is still there. */
async function lookAtCredentials(sources: SourceBook, logger: Logger): Promise<void> {
  const { problem, note } = await sources.lookAtCredentials();
  if (problem !== undefined) throw refused(`credential: ${problem}`);
  if (note !== undefined) logger.warn(note);
}

function createWorker(
  { settings, taskQueue, numThreads, signingKey }: WorkerOptions,
  connection: NativeConnection,
  dependencies: ActivityDependencies,
): Promise<Worker> {
  return Worker.create({
    connection,
    namespace: settings.namespace,
    taskQueue,
    identity: workerIdentity(),
    workflowBundle: { codePath: fileURLToPath(new URL('./workflow-bundle.js', bundleBase())) },
    activities: createActivities(dependencies),
    ...signedOnly(signingKey),
    maxHeartbeatThrottleInterval: HEARTBEAT_MS,
    maxCachedWorkflows: CACHED_WORKFLOWS,
    tuner: {
      workflowTaskSlotSupplier: { type: 'fixed-size', numSlots: 10 },
      activityTaskSlotSupplier: bundleSlots(dependencies, numThreads),
      localActivityTaskSlotSupplier: { type: 'fixed-size', numSlots: 1 },
      nexusTaskSlotSupplier: { type: 'fixed-size', numSlots: 1 },
    },
    shutdownGraceTime: 0,
    shutdownForceTime: '10 seconds',
  });
}

/** Bundles of one queue are few and large: a slot for each thread keeps them all busy to a run's last picture. */
function createAlignWorker(
  { settings, taskQueue, alignThreads, signingKey }: WorkerOptions,
  connection: NativeConnection,
  dependencies: ActivityDependencies,
  pool: AlignPool,
): Promise<Worker> {
  return Worker.create({
    connection,
    namespace: settings.namespace,
    taskQueue: taskQueueOf(taskQueue, kinds.align.taskQueue),
    identity: workerIdentity(),
    activities: createAlignActivities(dependencies, pool),
    ...signedOnly(signingKey),
    maxConcurrentActivityTaskExecutions: alignThreads,
    maxHeartbeatThrottleInterval: HEARTBEAT_MS,
    shutdownGraceTime: 0,
    shutdownForceTime: '10 seconds',
  });
}

/** Of what comes from the server only what was signed for it begins; its workflows hold to that in the bundle. */
function signedOnly(key: Buffer) {
  return {
    dataConverter: { payloadCodecs: [new SigningCodec(key)] },
    interceptors: { activity: [onlySignedActivities] },
  };
}

/** One that ends by itself takes the others along. */
async function runAll(workers: readonly Worker[]): Promise<void> {
  const ends = workers.map((worker) => worker.run().finally(() => stopAll(workers)));
  const results = await Promise.allSettled(ends);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

function stopAll(workers: readonly Worker[]): void {
  for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
}

/** The bundle is made by the build and lies in dist/, also when this file runs from its TypeScript source. */
function bundleBase(): URL {
  return import.meta.url.endsWith('.ts') ? new URL('../dist/', import.meta.url) : new URL(import.meta.url);
}

/** What this process knows of the gates of sources, on the server that it works for. */
function gatesOn({ settings, taskQueue, signingKey, config }: WorkerOptions, connection: NativeConnection) {
  const waits = { dividedBy: config.waitsDividedBy };
  return new GateBook(
    makeGateServer({
      ...{ connection, taskQueue, namespace: settings.namespace },
      codec: new SigningCodec(signingKey),
      fingerprint: new Seal(signingKey).fingerprint,
      waits,
    }),
    waits,
  );
}

/** @param memory of the process, for pictures in all of its threads */
function makeDependencies(
  options: WorkerOptions,
  memory: MemoryBudget,
  connection: NativeConnection,
): ActivityDependencies {
  const writer = new WriterProcess(workerIdentity(), isDeadProcessOfThisHost);
  const network = { ...options.network, proxies: options.config.proxies, tokens: options.config.tokens };
  const seal = new Seal(options.signingKey);
  const verifier = new VerifyThreads(undefined, memory);
  return {
    ...makeManifestCaches(seal),
    door: new StoreDoor(options.config.out, options.roots),
    sources: makeSourceBook({
      // A body that waits for its run's limit keeps its connection, and no other run from another one.
      connections: mostInHand(options.numThreads),
      googleOrigin: options.googleOrigin,
      network,
      env: { ...process.env, ...options.sourceEnv },
      google: {
        quota: options.config.googleQuota,
        driveIds: options.network.driveIds,
        // What this program serves itself, as a sample, wants nobody's key.
        signs: options.googleOrigin === options.config.googleOrigin,
      },
      cookies: options.cookies,
      cacheDir: options.config.cacheDir,
      gates: gatesOn(options, connection),
    }),
    notices: { http: makeHttpClient({ connections: 1, network }), secret: options.config.notifySecret },
    verifier,
    prefixes: new PrefixHashes(verifier),
    ...makeLimitedFiles(
      options.numThreads,
      (run) => lookAtRunInWork(connection, options.settings.namespace, run),
      (run) =>
        options.logger.warn(
          `run [${quotedLine(run, 200)}]: expected the server to tell its limits, got none; it goes on without them until it does`,
        ),
    ),
    // While a thread computes one face, the next one's original is read and the last one's picture is put in place.
    alignSlots: new Slots(2 * options.alignThreads),
    load: new ProcessorLoad(),
    space: new SpaceGuard(options.reserveBytes),
    hands: new Hands(writer, seal),
    writer,
    verifiedLog: new VerifiedLog(writer.name, seal, (name) => writer.isOtherAndGone(name)),
    failureLog: new FailureLog(writer.name, seal),
    timeline: new Timeline(writer),
    chunkBytes: options.chunkBytes,
    largeFiles: options.largeFiles ?? rangeFiles,
    quotaWaitMs: options.config.quotaWaitSeconds * 1000,
  };
}

/**
 * With thumbnails V8 would keep 170 MB of files that were settled long ago. To clear a heap at 1.6 times of what it holds costs no
 * processor time that could be measured.
 */
const HEAP_GROWTH_PERCENT = 60;

let runtimeIsInstalled = false;

/** The SDK's own messages go through pino, and signals are ours: Ctrl-C drains, a second one ends at once. */
function installRuntime(logger: Logger): void {
  if (runtimeIsInstalled) return;
  runtimeIsInstalled = true;
  keepHeapsSmall(HEAP_GROWTH_PERCENT);
  Runtime.install({
    shutdownSignals: [],
    logger: new DefaultLogger('INFO', ({ level, message, meta }) => {
      logger[pinoLevels[level]](meta ?? {}, message);
    }),
    telemetryOptions: { logging: { filter: { core: 'WARN', other: 'ERROR' }, forward: {} } },
  });
}

const pinoLevels = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;
