import { basename, join } from 'node:path';
import type { Md5 } from '../../domain/dataset/ids.ts';
import { LICENSE_FILE, MANIFEST_FILE } from '../../domain/dataset/layout.ts';
import { driveUrl } from '../../domain/dataset/reference-files.ts';
import { sampleId } from '../record/sample-id.ts';

/** A made dataset on the disk, with what is needed to serve it as Drive would. */
export interface Sample {
  readonly folder: string;
  readonly manifestPath: string;
  readonly manifestUrl: string;
  readonly manifestMd5: Md5;
  readonly manifestBytes: number;
  readonly records: number;
  /** LICENSE.txt at the top; the three folders have the same text under urls of their own. */
  readonly licensePath: string;
  readonly licenseUrl: string;
  /** Every file by its Drive id: the manifest, the licence files, the pictures. */
  readonly files: ReadonlyMap<string, SampleFile>;
}

export interface SampleFile {
  /** Absolute. */
  readonly path: string;
  /** As the dataset names it: relative to the folder, with forward slashes. */
  readonly filePath: string;
  /** The last part of the path. */
  readonly name: string;
  readonly size: number;
  readonly md5: Md5;
}

/** A file of the dataset by its path in the folder; `size` in bytes. */
export interface MadeFile {
  readonly filePath: string;
  readonly size: number;
  readonly md5: Md5;
}

/** By Drive id, where the files are and what. */
export function filesOf(folder: string, recipe: string, made: Iterable<MadeFile>): Map<string, SampleFile> {
  const files = new Map<string, SampleFile>();
  for (const { filePath, size, md5 } of made) {
    const id = sampleId(recipe, filePath);
    files.set(id, { path: join(folder, filePath), filePath, name: basename(filePath), size, md5 });
  }
  return files;
}

/**
 * Puts the {@link Sample} together.
 *
 * @param recipe - Version of the maker and its options; Drive ids depend on it.
 * @param made - The manifest and LICENSE.txt among the rest.
 */
export function describeSample(
  folder: string,
  recipe: string,
  records: number,
  made: Iterable<MadeFile>,
): Sample {
  const files = filesOf(folder, recipe, made);
  const manifestId = sampleId(recipe, MANIFEST_FILE);
  const manifest = files.get(manifestId);
  if (manifest === undefined) {
    throw new Error(`sample [folder=${folder}]: expected a file ${MANIFEST_FILE}, got none`);
  }
  return {
    folder,
    manifestPath: manifest.path,
    manifestUrl: driveUrl(manifestId),
    manifestMd5: manifest.md5,
    manifestBytes: manifest.size,
    records,
    licensePath: join(folder, LICENSE_FILE),
    licenseUrl: driveUrl(sampleId(recipe, LICENSE_FILE)),
    files,
  };
}
