import type { LargeFileSpec } from '../domain/dataset/reference-files.ts';
import type { Slots } from '../domain/run/slots.ts';
import type { ProcessorLoad } from './limits/processor-load.ts';
import type { RunFlows } from './limits/run-flows.ts';
import type { FailureLog } from './records/failure-log.ts';
import type { ManifestCaches } from './records/line-cache.ts';
import type { VerifiedLog } from './records/verified-records.ts';
import type { HttpClient } from './sources/http/client.ts';
import type { SourceBook } from './sources/source-book.ts';
import type { SpaceGuard } from './store/free-space.ts';
import type { Hands } from './store/hands.ts';
import type { StoreDoor } from './store/store-door.ts';
import type { WriterProcess } from './store/writer.ts';
import type { Timeline } from './timeline/timeline.ts';
import type { PrefixHashes } from './verify/prefix-hashes.ts';
import type { VerifyThreads } from './verify/verify-threads.ts';

/** What notices are sent with. */
export interface NoticeTools {
  readonly http: HttpClient;
  /** FFHQ_NOTIFY_SECRET; undefined: another worker may have it. */
  readonly secret: string | undefined;
}

/** What Activities act with; made once per worker process in `worker.ts`. */
export interface ActivityDependencies extends ManifestCaches {
  readonly door: StoreDoor;
  readonly sources: SourceBook;
  readonly notices: NoticeTools;
  readonly verifier: VerifyThreads;
  /** Of large files on their way; in the threads of `verifier`. */
  readonly prefixes: PrefixHashes;
  /** Files in flight in this process, over all its bundles: `--num_threads`. */
  readonly fileSlots: Slots;
  /** Faces in the aligning threads (`--align_threads`) or about to be, over all bundles. */
  readonly alignSlots: Slots;
  /** What each run may do, by its own limits. */
  readonly flows: RunFlows;
  readonly load: ProcessorLoad;
  readonly space: SpaceGuard;
  /** Which files killed the process that had them in hand. */
  readonly hands: Hands;
  readonly writer: WriterProcess;
  readonly verifiedLog: VerifiedLog;
  readonly failureLog: FailureLog;
  /** Absent: nobody draws charts of it. */
  readonly timeline?: Timeline;
  /** Bytes gathered before they are written: `--chunk_size`. */
  readonly chunkBytes: number;
  /** The files that may come by byte ranges. */
  readonly largeFiles: readonly LargeFileSpec[];
  /** How long a file under quota waits when the source names no wait. */
  readonly quotaWaitMs: number;
}
