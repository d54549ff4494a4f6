import type { FileSpec } from '../../domain/dataset/file-spec.ts';
import type { Md5 } from '../../domain/dataset/ids.ts';
import type { FileSums } from '../hash/sum-file.ts';
import type { FileState, Placed, PlaceTask } from '../partials/partial-file.ts';
import type { Encoded } from './encode-anew.ts';
import type { SeenColumns } from './look-at-files.ts';
import type { Verdict } from './verify-file.ts';

/** What a verifying thread is asked; `id` is the asker's. */
export type VerifyTask =
  | { readonly task: 'verify'; readonly id: number; readonly spec: FileSpec; readonly path: string }
  | { readonly task: 'encode'; readonly id: number; readonly spec: FileSpec; readonly path: string }
  | { readonly task: 'sum'; readonly id: number; readonly path: string }
  | { readonly task: 'place'; readonly id: number; readonly spec: FileSpec; readonly place: PlaceTask }
  | ({ readonly task: 'prefix'; readonly id: number } & ({ readonly how: 'begin' } | PrefixTask))
  /** `paths`: with NULs between them, because one text travels faster than a thousand. */
  | { readonly task: 'look'; readonly id: number; readonly paths: string }
  | { readonly task: 'stop'; readonly id: number }
  /** What was asked for by `needs` is there. */
  | { readonly task: 'granted'; readonly need: number };

/**
 * About a file that still grows. `open`: under its name of now; that it is open is answered as no bytes. `grew`: so many
 * bytes are there, fewer than before where it was cut. `rest`: until it is opened again. `digest`: of all, once they are read.
 */
export type PrefixTask =
  | { readonly how: 'open'; readonly path: string }
  | { readonly how: 'grew'; readonly size: number }
  | { readonly how: 'rest' | 'digest' | 'drop' };

/** Of its first `size` bytes; `state`: of the file that was read, when the last of them was. */
export interface PrefixDigest {
  readonly md5: Md5;
  readonly size: number;
  readonly state: FileState;
}

/** `lost`: another attempt took the file away under its first name. */
export type PlaceAnswer =
  | { readonly status: 'placed'; readonly verdict: Verdict & { status: 'right' }; readonly placed: Placed }
  | (Verdict & { status: 'wrong' })
  | { readonly status: 'lost' };

/** Of the one budget of the process: a thread needs so many bytes, and tells when it has done with them. */
export type MemoryMessage =
  | { readonly need: number; readonly bytes: number }
  | { readonly need: number; readonly done: true };

export type VerifyAnswer =
  | { readonly id: number; readonly bytes: number }
  | { readonly id: number; readonly verified: Verdict }
  | { readonly id: number; readonly placed: PlaceAnswer }
  | { readonly id: number; readonly encoded: Encoded }
  | { readonly id: number; readonly prefix: PrefixDigest }
  | { readonly id: number; readonly seen: SeenColumns }
  | { readonly id: number; readonly sums: FileSums }
  | { readonly id: number; readonly error: ThreadError };

/** An error on its way between threads, which would lose what Node.js noted beside the message. */
export interface ThreadError {
  readonly message: string;
  readonly code?: string;
  readonly syscall?: string;
  readonly path?: string;
}

/** A thread has begun: what ends it from now on has to do with what it works on. */
export interface ReadyMessage {
  readonly ready: true;
}
