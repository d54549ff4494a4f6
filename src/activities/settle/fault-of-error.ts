import { TemporalFailure } from '@temporalio/common';
import { fileFault, isOfFolder } from '../../domain/failure/file-system-fault.ts';
import { printable } from '../../domain/failure/printable.ts';
import { type Reaction, reactionTo } from '../../domain/failure/reasons.ts';
import { StoreError } from '../../domain/failure/store-failure.ts';
import { DiedInHandError } from '../alone/run-alone.ts';
import { asActivityFailure } from '../failures.ts';
import { PartialLostError } from '../partials/partial-file.ts';
import type { Fault, FileFault } from './file-maker.ts';

/**
 * What an error that ended the work on one file is, as a fault of that file: what the file system refused there, or a
 * defect of ours that only this file may show. Throws what concerns every file.
 */
export function faultOfError(error: unknown, path: string): Fault {
  if (error instanceof StoreError || error instanceof PartialLostError) throw error;
  const said = error instanceof Error ? error.message : String(error);
  const detail = printable(said.includes(path) ? said : `${path}: ${said}`, 300);
  if (error instanceof DiedInHandError) return { reason: 'killed-worker', detail };
  const reason = fileFault(error);
  if (reason === undefined) {
    // What Temporal has a word for is a stop, an end or a cancellation.
    if (error instanceof TemporalFailure || asActivityFailure(error) !== error) throw error;
    return { reason: 'defect', detail };
  }
  if (isOfFolder(reason)) throw new StoreError(reason, `store [file=${path}]: ${said}`, { cause: error });
  return { reason, detail };
}

/** What an attempt makes of it. */
export function reactionOf({ reason, isPutAside }: FileFault): Reaction {
  return isPutAside ? 'defer' : reactionTo(reason);
}
