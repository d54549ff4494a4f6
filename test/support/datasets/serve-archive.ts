import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import { claim } from '../../../src/activities/store/owner.ts';
import { ensureStore } from '../../../src/activities/store/store-identity.ts';
import { md5Of } from '../../../src/domain/dataset/digest.ts';
import type { LargeFileSpec } from '../../../src/domain/dataset/reference-files.ts';
import { driveUrl, refTo } from '../../../src/domain/dataset/reference-files.ts';
import type { FetchLargeFileInput } from '../../../src/domain/run/workflow-inputs.ts';
import { sign } from '../../../src/signing/signing-codec.ts';
import { type DriveStandIn, startDriveStandIn } from '../../../src/stand-in/drive-stand-in.ts';
import { fileOfBytes } from '../../../src/stand-in/files.ts';
import type { fetchLargeFile } from '../../../src/workflows/index.ts';
import { archiveRequest } from '../request-of.ts';
import { testKey } from '../test-key.ts';
import type { TestBench } from './run-dataset.ts';

export const ARCHIVE_ID = '1ArchiveArchiveArchiveArchiveArch';
export const ARCHIVE_PATH = 'tfrecords/ffhq/ffhq-r00.tfrecords';
export const ARCHIVE_SIZE = 3 * 1024 ** 2;
export const archiveBytes = Buffer.alloc(ARCHIVE_SIZE);
for (let at = 0; at < ARCHIVE_SIZE; at += 4)
  archiveBytes.writeUInt32LE(Math.imul(at, 2_654_435_761) >>> 0, at);

/** What a large file of these bytes at this id must be. */
export function archiveSpec(id: string, path: string, bytes: Uint8Array): LargeFileSpec {
  const key = basename(path, '.tfrecords');
  return { kind: 'tfrecords', key, url: driveUrl(id), path, size: bytes.length, md5: md5Of(bytes) };
}

/** What tests' workers have in their table beside the dataset's own. */
export const servedArchive = archiveSpec(ARCHIVE_ID, ARCHIVE_PATH, archiveBytes);

/** One large file (as far as tests go), served by a stand-in for Drive, and an empty folder for it. */
export interface ServedArchive {
  readonly drive: DriveStandIn;
  readonly out: string;
  /** Starts `fetchLargeFile` for it, as a run would. */
  start(bench: TestBench): Promise<WorkflowHandle<typeof fetchLargeFile>>;
  close(): Promise<void>;
}

export async function serveArchive(): Promise<ServedArchive> {
  const root = await mkdtemp(join(tmpdir(), 'ffhq-test-archive-'));
  const out = join(root, 'out');
  const files = new Map([[ARCHIVE_ID, fileOfBytes(archiveBytes, { name: 'r00' })]]);
  const drive = await startDriveStandIn({ files });
  return {
    drive,
    out,
    start: async (bench) => {
      const workflowId = `ffhq-test-archive-${randomUUID()}`;
      const { clusterId, address, namespace } = bench.connected;
      const input: FetchLargeFileInput = {
        store: await ensureStore(out),
        owner: { workflowId, clusterId, address, namespace },
        run: workflowId,
        request: archiveRequest,
        file: refTo(servedArchive),
        paused: false,
      };
      // As the run does whose child it is.
      await claim(input.store, input.owner, input.run, false);
      return bench.connected.client.workflow.start<typeof fetchLargeFile>('fetchLargeFile', {
        workflowId,
        taskQueue: bench.taskQueue,
        args: [sign(testKey, input, { namespace, workflowId, type: 'fetchLargeFile' })],
      });
    },
    close: async () => {
      await drive.close();
      await rm(root, { recursive: true });
    },
  };
}
