import type { RecordRange } from '../../domain/tfrecord/record-check.ts';

/** What a thread that checks records is given. */
export interface RecordThreadData {
  /** Of each record, with its frame. */
  readonly recordBytes: number;
  /** Where the file's bytes come to lie, in turns. */
  readonly buffers: readonly SharedArrayBuffer[];
}

/** `take`: so many bytes lie in the buffer of this number, behind those taken before. */
export type RecordTask = { readonly take: number; readonly bytes: number } | { readonly end: true };

export type RecordAnswer = { readonly taken: number } | { readonly damaged: readonly RecordRange[] };
