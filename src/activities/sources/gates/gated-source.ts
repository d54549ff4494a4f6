import type { FileSpec } from '../../../domain/dataset/file-spec.ts';
import { publicUrlOf } from '../../../domain/gate/public-url.ts';
import type { Probe } from '../../../domain/gate/source-gate.ts';
import type { Source } from '../contract/source.ts';
import type { GateBook } from './gate-book.ts';

/** A source whose refusals are heard by every worker, before whoever asked hears of them. */
export function gatedSource(source: Source, gates: GateBook, how: Omit<Probe, 'file'>): Source {
  return {
    ...source,
    async open(file, range, signal) {
      const opened = await source.open(file, range, signal);
      if (opened.status !== 'failed' || opened.failure.gate === undefined) return opened;
      const { gate, ...failure } = opened.failure;
      const isTold = await gates.tell(gate, { ...how, file: fileOf(file) });
      return isTold ? opened : { status: 'failed', failure };
    },
  };
}

function fileOf({ kind, key, path, url, size }: FileSpec): Probe['file'] {
  return { kind, key, path, url: publicUrlOf(url), ...(size === undefined ? {} : { size }) };
}
