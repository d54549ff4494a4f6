import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import { ensureStore } from '../../src/activities/store/store-identity.ts';
import type { Md5 } from '../../src/domain/dataset/ids.ts';
import type { LargeFileSpec } from '../../src/domain/dataset/reference-files.ts';
import type { FetchLargeFileInput } from '../../src/domain/run/workflow-inputs.ts';
import { driveUrl } from '../../src/sample/drive-id.ts';
import { type DriveStandIn, startDriveStandIn } from '../../src/stand-in/drive-stand-in.ts';
import { fileOfBytes } from '../../src/stand-in/files.ts';
import type { fetchLargeFile } from '../../src/workflows/index.ts';
import type { TestBench } from './run-dataset.ts';

export const ARCHIVE_ID = '1ArchiveArchiveArchiveArchiveArch';
export const ARCHIVE_PATH = 'tfrecords/ffhq/ffhq-r00.tfrecords';
export const ARCHIVE_SIZE = 3 * 1024 ** 2;
export const archiveBytes = Buffer.alloc(ARCHIVE_SIZE);
for (let at = 0; at < ARCHIVE_SIZE; at += 4)
  archiveBytes.writeUInt32LE(Math.imul(at, 2_654_435_761) >>> 0, at);

const file: LargeFileSpec = {
  ...{
    kind: 'tfrecords',
    key: 'ffhq-r00',
    url: driveUrl(ARCHIVE_ID),
    path: ARCHIVE_PATH,
    size: ARCHIVE_SIZE,
  },
  md5: createHash('md5').update(archiveBytes).digest('hex') as Md5,
};

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
        request: {
          kinds: ['tfrecords'],
          manifest: { name: 'official' },
          license: { name: 'none' },
          source: { name: 'google-drive' },
          allowedHosts: [],
          trust: 'records',
          fetch: 'missing',
          numAttempts: 2,
        },
        file,
        paused: false,
      };
      return bench.connected.client.workflow.start<typeof fetchLargeFile>('fetchLargeFile', {
        workflowId,
        taskQueue: bench.taskQueue,
        args: [input],
      });
    },
    close: async () => {
      await drive.close();
      await rm(root, { recursive: true });
    },
  };
}
