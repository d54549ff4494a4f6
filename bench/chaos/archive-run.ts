/**
 * Has one large file fetched by byte ranges, as a run does it for TFRecords, whose sizes no bench could serve. Attaches to
 * the workflow if it is there. Arguments: the folder, and what the file must be as JSON.
 */
import { claimStore } from '../../src/activities/store/claim-store.ts';
import { ensureStore } from '../../src/activities/store/store-identity.ts';
import { readConfig } from '../../src/config.ts';
import type { LargeFileSpec } from '../../src/domain/dataset/reference-files.ts';
import type { RunRequest } from '../../src/domain/run/request.ts';
import { versionedTaskQueue } from '../../src/domain/run/task-queues.ts';
import { findEmbeddedServer } from '../../src/server/provided-server.ts';
import { sign } from '../../src/signing/signing-codec.ts';
import { readSigningKey } from '../../src/signing/signing-key.ts';
import { connectClient } from '../../src/temporal/connection.ts';
import type { fetchLargeFile } from '../../src/workflows/index.ts';

const [out = '', spec = ''] = process.argv.slice(2);
const config = readConfig(process.env);
const server = await findEmbeddedServer(config);
if (server === undefined) throw new Error('archive: expected an embedded server, got none');
try {
  const { client, connection, clusterId, address, namespace } = await connectClient(server.settings);
  const workflowId = 'ffhq-chaos-archive';
  const request: RunRequest = {
    kinds: ['tfrecords'],
    manifest: { name: 'official' },
    license: { name: 'none' },
    source: { name: 'google-drive' },
    allowedHosts: [],
    trust: 'records',
    fetch: 'missing',
    numAttempts: 10,
  };
  const store = await ensureStore(out);
  const owner = { workflowId, clusterId, address, namespace };
  // As the run does whose child it is.
  await claimStore({ storePath: store.path }, { store, owner, run: workflowId, request, takeOver: false });
  const handle = await client.workflow.start<typeof fetchLargeFile>('fetchLargeFile', {
    workflowId,
    taskQueue: versionedTaskQueue(config.taskQueue),
    workflowIdConflictPolicy: 'USE_EXISTING',
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    args: [
      sign(
        await readSigningKey(config.keyFile),
        { store, owner, run: workflowId, request, file: JSON.parse(spec) as LargeFileSpec, paused: false },
        { namespace, workflowId, type: 'fetchLargeFile' },
      ),
    ],
  });
  const { failure, tally } = await handle.result();
  console.log(JSON.stringify({ failure, tally }));
  await connection.close();
  process.exitCode = failure === undefined && tally.doneFiles === 1 ? 0 : 3;
} finally {
  await server.release();
}
