import { chainOf } from '../../../../src/activities/sources/index.ts';
import { startDriveStandIn } from '../../../../src/stand-in/drive-stand-in.ts';
import { fileOfBytes } from '../../../../src/stand-in/files.ts';
import type { SetUp } from '../source-contract.ts';

/** Drive has nothing, and a mirror has it all. */
export const setUp: SetUp = async (files) => {
  const all = new Map(files.map(({ id, path, bytes }) => [id, fileOfBytes(bytes, { name: id, path })]));
  const [drive, mirror] = await Promise.all([
    startDriveStandIn({ files: new Map() }),
    startDriveStandIn({ files: all }),
  ]);
  return {
    request: chainOf([{ name: 'google-drive' }, { name: 'http-mirror', baseUrl: mirror.origin }], 60_000),
    googleOrigin: drive.origin,
    open: () => [...drive.requests, ...mirror.requests].filter(({ closed }) => !closed).length,
    close: async () => {
      await Promise.all([drive.close(), mirror.close()]);
    },
  };
};
