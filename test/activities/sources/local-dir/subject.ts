import { mkdir, mkdtemp, readdir, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { SetUp } from '../source-contract.ts';

export const setUp: SetUp = async (files) => {
  const folder = await mkdtemp(join(tmpdir(), 'local-dir-'));
  for (const { path, bytes } of files) {
    await mkdir(join(folder, dirname(path)), { recursive: true });
    await writeFile(join(folder, path), bytes);
  }
  return {
    request: { name: 'local-dir', path: folder },
    async open() {
      const links = (await readdir('/proc/self/fd')).map((fd) =>
        readlink(`/proc/self/fd/${fd}`).catch(() => ''),
      );
      return (await Promise.all(links)).filter((link) => link.startsWith(folder)).length;
    },
    close: () => rm(folder, { recursive: true }),
  };
};
