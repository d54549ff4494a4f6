import type { Crop } from '../../../domain/align/align-spec.ts';
import type { Md5 } from '../../../domain/dataset/ids.ts';
import type { AlignFailure } from '../../../domain/failure/align-failure.ts';

/** One face, from file to file. */
export interface AlignTask {
  /** Its size in bytes and its digest, where they are known, are still to be compared with what is there, or proved. */
  readonly original: {
    readonly path: string;
    readonly size?: number;
    readonly md5?: Md5;
    /** It lies in a folder of the user's own, who may have put links there. */
    readonly mayBeLink?: boolean;
  };
  readonly crop: Crop;
  /**
   * MD5 of the published picture's pixels, where these options should give it. A result that has it proves the original
   * where it matters; the original's own digest is then asked only when the result has another.
   */
  readonly published?: Md5;
  readonly enablePadding: boolean;
  /** Byte for byte as Pillow with classic zlib writes it, in place of the fast encoder. */
  readonly fileIdentical: boolean;
  /** Where the PNG is written and synced; it must not exist, and its folder must. */
  readonly output: string;
}

/** A file that is open in this process, which all its threads can read; its name may lead elsewhere by now. */
export interface OpenOriginalFile {
  readonly fd: number;
  readonly size: number;
}

/** A face in a thread's hands. Others sync the output. */
export interface ThreadTask extends AlignTask {
  /** The original's file in memory shared with the thread, or open, to be read by the thread itself. */
  readonly bytes: Uint8Array | OpenOriginalFile;
}

/** A face whose original's file lies in memory. */
export interface PictureTask extends Omit<AlignTask, 'output'> {
  readonly bytes: Uint8Array;
}

interface Failed {
  readonly status: 'failed';
  readonly failure: AlignFailure;
}

/** A picture as it comes out of the encoder. */
export type PictureAnswer =
  | { readonly status: 'aligned'; readonly png: Uint8Array; readonly md5: Md5; readonly pixelMd5: Md5 }
  | Failed;

/** A picture as it lies on the disk. */
export type AlignAnswer =
  | { readonly status: 'aligned'; readonly size: number; readonly md5: Md5; readonly pixelMd5: Md5 }
  | Failed
  /** The file system refused; `code` as Node.js has it. */
  | {
      readonly status: 'refused';
      readonly code: string;
      readonly syscall: string;
      readonly path?: string;
      readonly message: string;
    };
