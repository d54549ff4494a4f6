import { join } from 'node:path';
import { parseMd5 } from '../../domain/dataset/ids.ts';
import { statePaths } from '../../domain/dataset/layout.ts';
import type { RunRequest } from '../../domain/run/request.ts';
import { readJsonFile, writeFileAtomically } from '../store/atomic-file.ts';

/** `current.json`: which manifest the folder was filled by, so that a later `verify` knows without being told. */
export interface CurrentManifest {
  readonly md5: string;
  readonly request: Pick<RunRequest, 'manifest' | 'license' | 'source' | 'allowedHosts'>;
}

/** What an earlier run of this folder was asked for, as far as the manifest goes. */
export async function readCurrentManifest(storePath: string): Promise<CurrentManifest | undefined> {
  const content = await readJsonFile(join(storePath, statePaths.currentManifest));
  if (content === null || typeof content !== 'object') return undefined;
  const { md5, request } = content as Partial<CurrentManifest>;
  return parseMd5(md5) !== undefined && request?.manifest !== undefined
    ? (content as CurrentManifest)
    : undefined;
}

export async function writeCurrentManifest(
  storePath: string,
  md5: string,
  { manifest, license, source, allowedHosts }: CurrentManifest['request'],
): Promise<void> {
  const current: CurrentManifest = { md5, request: { manifest, license, source, allowedHosts } };
  await writeFileAtomically(join(storePath, statePaths.currentManifest), `${JSON.stringify(current)}\n`);
}
