import { Seal } from '../../../src/activities/records/seal.ts';
import { readConfig } from '../../../src/config.ts';
import type { GateKey } from '../../../src/domain/failure/source-gate.ts';
import { type GateServer, gateIdOf, type Refusal } from '../../../src/domain/gate/source-gate.ts';
import { SigningCodec } from '../../../src/signing/signing-codec.ts';
import type { BlockAnswer } from '../../../src/stand-in/behaviours.ts';
import type { RecordedRequest } from '../../../src/stand-in/requests.ts';
import { makeGateServer } from '../../../src/temporal/gate-server.ts';
import type { TestBench } from '../../support/datasets/run-dataset.ts';
import type { ServedDataset } from '../../support/datasets/serve-dataset.ts';
import { testKey, testSeal } from '../../support/test-key.ts';
import { picture } from '../../support/watch-run.ts';

/** A block is waited for three seconds, then six, and so on. */
const DIVIDED_BY = 100;
export const config = readConfig({ FFHQ_WAITS_DIVIDED_BY: String(DIVIDED_BY) });

/** The gates as another worker of the bench's Task Queue reaches them. */
export function gatesOf(bench: TestBench, key = testKey, dividedBy = DIVIDED_BY): GateServer {
  const { connection, namespace } = bench.connected;
  const { taskQueue } = bench;
  return makeGateServer({
    connection,
    namespace,
    taskQueue,
    waits: { dividedBy },
    codec: new SigningCodec(key),
    fingerprint: new Seal(key).fingerprint,
  });
}

export function gateOf(bench: TestBench, gate: GateKey = 'google') {
  return bench.connected.client.workflow.getHandle(gateIdOf(bench.taskQueue, gate, testSeal.fingerprint));
}

/** A refusal that some worker met with the dataset's first thumbnail. */
export function refusalOf(dataset: ServedDataset, more: Partial<Refusal> = {}): Refusal {
  const path = picture('thumbs', 0);
  const url = `https://drive.google.com/uc?id=${dataset.idOf(path)}`;
  return {
    reason: 'blocked',
    detail: 'a page',
    probe: {
      source: dataset.request.source,
      allowedHosts: [],
      file: { kind: 'thumbs', key: '0', path, url },
    },
    ...more,
  };
}

/** Thumbnails whose first URL is answered by Google's block page from now on, or by their bytes again. */
export function block({ drive, sample }: ServedDataset, isBlocked: boolean, how: BlockAnswer = '429'): void {
  for (const [id, { filePath }] of sample.files)
    if (filePath.endsWith('.png')) drive.behave(id, isBlocked ? { kind: 'blocked', how } : undefined);
}

export function isRefusal({ status }: RecordedRequest): boolean {
  return status === 429;
}
