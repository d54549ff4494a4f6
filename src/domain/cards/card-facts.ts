import type { ShardKind } from '../kinds.ts';
import type { LicenseWord } from '../selection/licenses.ts';

/**
 * What the files that stewards know say of a dataset folder, or of a part of it. Figures, digests and words of our own
 * alone: no text of a manifest is among it, so that no name of a person and nothing hostile comes into them.
 */
export interface CardFacts {
  readonly manifest: {
    readonly md5: string;
    readonly sha256: string;
    readonly bytes: number;
    /** NVIDIA's own, or that less what was removed here. */
    readonly isOfficial: boolean;
  };
  /** Records that are described. */
  readonly records: number;
  /** All records of the manifest, and every file of the folder. */
  readonly isWhole: boolean;
  /** `MAJOR.MINOR`. */
  readonly version: string;
  /** Records that were removed from this copy. */
  readonly removed: number;
  /** When this was made, ISO 8601. */
  readonly made: string;
  /** Of the program that made it. */
  readonly program: string;
  readonly categories: Readonly<Record<'training' | 'validation' | 'other', number>>;
  /** `other`: a licence that is none of the dataset's five. */
  readonly licenses: Readonly<Record<LicenseWord | 'other', number>>;
  /** Kinds of picture of which there are any. */
  readonly pictures: readonly PictureFacts[];
  /** Other files that are there, with those that were made along with this. */
  readonly files: readonly FileFacts[];
}

export interface PictureFacts {
  readonly kind: ShardKind;
  /** Below the dataset folder. */
  readonly folder: string;
  readonly files: number;
  readonly bytes: number;
  /** Of these, files that are known to be what they should be. */
  readonly verified: number;
}

export interface FileFacts {
  /** Below the dataset folder. */
  readonly path: string;
  /** What it is, in a line. */
  readonly what: string;
  readonly encoding: string;
  readonly bytes: number;
  /** One of both is known. */
  readonly sha256?: string;
  readonly md5?: string;
}

/** A removal makes it another dataset, which must not pass for the one before: the MAJOR part counts them. */
export function versionOf(isOfficial: boolean, removed: number): string {
  return `${(isOfficial ? 2 : 1) + removed}.0`;
}

/** What pictures of a kind are. */
export const pictureWords: Readonly<Record<ShardKind, string>> = {
  images: 'Aligned and cropped faces, 1024x1024, PNG',
  thumbs: 'Thumbnails of the faces, 128x128, PNG',
  wilds: 'The original photographs as they were on Flickr, PNG',
  align: 'Faces aligned again from the original photographs, 1024x1024, PNG',
};
