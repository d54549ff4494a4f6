import { fileOfBytes } from '../../../../src/stand-in/files.ts';
import { startHubStandIn } from '../../../../src/stand-in/hub/hub-stand-in.ts';
import type { SetUp } from '../source-contract.ts';

export const REPO = 'somebody/ffhq';
export const REVISION = '505f94e2'.repeat(5);

export const setUp: SetUp = async (files) => {
  const hub = await startHubStandIn({
    files: new Map(files.map(({ id, path, bytes }) => [id, fileOfBytes(bytes, { name: id, path })])),
    repo: REPO,
    revision: REVISION,
  });
  return {
    request: { name: 'huggingface', repo: REPO, revision: REVISION, layout: 'tree' },
    allowedHosts: [hub.byteHost],
    env: { HF_ENDPOINT: hub.origin },
    open: () => hub.requests.filter(({ closed }) => !closed).length,
    close: () => hub.close(),
  };
};
