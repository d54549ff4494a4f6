import { startDriveStandIn } from '../../../../src/stand-in/drive-stand-in.ts';
import { fileOfBytes } from '../../../../src/stand-in/files.ts';
import type { SetUp } from '../source-contract.ts';

export const setUp: SetUp = async (files) => {
  const standIn = await startDriveStandIn({
    files: new Map(files.map(({ id, path, bytes }) => [id, fileOfBytes(bytes, { name: id, path })])),
  });
  return {
    request: { name: 'http-mirror', baseUrl: standIn.origin },
    open: () => standIn.requests.filter(({ closed }) => !closed).length,
    close: () => standIn.close(),
  };
};
