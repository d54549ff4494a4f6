/** The few files that a run fetches outside of shards and byte ranges: its manifest, where that is named by URL, and licence texts. */

import type { FileSpec } from '../dataset/file-spec.ts';
import { LICENSE_FILE, MANIFEST_FILE, statePaths } from '../dataset/layout.ts';
import { driveUrl, officialLicense, officialManifest } from '../dataset/reference-files.ts';
import { type FewFilesKind, folderOfKind, kinds, type TaskKind } from '../kinds.ts';
import type { LicenseRequest, RunRequest } from './request.ts';

interface ListedKind {
  files(request: RunRequest): FileSpec[];
  /** Did the user name them by URL? Then they come from there, whatever the source of the pictures is. */
  isNamedByUser(request: RunRequest): boolean;
}

/** A row per kind that is listed, not planned. */
export const listed: Readonly<Record<FewFilesKind, ListedKind>> = {
  json: {
    files: ({ manifest }) => [manifestFile(manifest)],
    isNamedByUser: ({ manifest }) => manifest.name === 'other',
  },
  licenses: {
    files: ({ license, kinds: asked, align }) => licenseFiles(license, asked, align),
    isNamedByUser: ({ license }) => license.name === 'url',
  },
};

/** The manifest as a file to fetch. One that the user named waits beside the records until it has been read. */
export function manifestFile(manifest: RunRequest['manifest']): FileSpec {
  if (manifest.name === 'official') return officialManifest;
  if (manifest.name === 'photos') throw new Error('unreachable: photographs of the user have no manifest');
  return {
    kind: 'json',
    key: MANIFEST_FILE,
    url: manifest.location,
    path: statePaths.incomingManifest,
    ...(manifest.md5 === undefined ? {} : { md5: manifest.md5 }),
  };
}

/** Licence texts: one in OUT and one in the folder of every kind that is asked for, as the reference has it. */
export function licenseFiles(
  license: LicenseRequest,
  asked: readonly TaskKind[],
  align?: RunRequest['align'],
): FileSpec[] {
  if (license.name === 'none') return [];
  const places = [
    { path: LICENSE_FILE, id: kinds.licenses.license },
    ...asked.map((kind) => ({
      path: `${folderOfKind(kind, { align })}/${LICENSE_FILE}`,
      id: kinds[kind].license,
    })),
  ];
  return places.map(({ path, id }) =>
    license.name === 'official'
      ? { kind: 'licenses', key: path, url: driveUrl(id), path, ...officialLicense }
      : { kind: 'licenses', key: path, url: license.url, path },
  );
}
