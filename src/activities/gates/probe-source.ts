import type { SourceFailure, SourceFailureReason } from '../../domain/failure/source-failure.ts';
import { isGateReason } from '../../domain/failure/source-gate.ts';
import type { Probe, ProbeInput, ProbeResult } from '../../domain/gate/source-gate.ts';
import { MINUTE } from '../../domain/run/time-units.ts';
import { checkGateInput } from '../../domain/signing/check-gate.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { asActivityFailure } from '../failures.ts';
import type { ProbeNotes } from '../sources/contract/request-gates.ts';
import type { OpenedFile, Source } from '../sources/contract/source.ts';

/** No probe takes longer. */
const PROBE_MS = MINUTE;

/** Bytes that a probe asks for: enough that it is answered as a file is, and next to nothing. */
const PROBE_BYTES = 4_096;

/** Reasons that say nothing of the source, though a host of it may have answered before: no answer, or none of any meaning. */
const silent: ReadonlySet<SourceFailureReason> = new Set<SourceFailureReason>([
  'network-down',
  'host-down',
  'proxy-login',
  'connection',
  'timeout',
  'too-slow',
  'server-error',
  'credential',
  'host-not-allowed',
]);

/**
 * Asks a source whose gate is closed for the beginning of one file, alone. What a host behind that gate answers opens it,
 * unless it is the refusal; all other gates hold, and what closes one of them closes that one.
 */
export function probeSource({ sources }: Pick<ActivityDependencies, 'sources'>) {
  return async (input: ProbeInput): Promise<ProbeResult> => {
    try {
      checkGateInput('probeSource', input);
      const { source, allowedHosts } = input.probe;
      const notes: ProbeNotes = { gate: input.gate, isAnswered: false, isRefused: false };
      const opened =
        source === undefined
          ? await sources.namedUrl(allowedHosts, notes)
          : await sources.open(source, allowedHosts, notes);
      return await ask(opened, input.probe, notes);
    } catch (error) {
      throw asActivityFailure(error);
    }
  };
}

async function ask(source: Source, { file }: Probe, notes: ProbeNotes): Promise<ProbeResult> {
  const signal = AbortSignal.timeout(PROBE_MS);
  try {
    const end = Math.min(PROBE_BYTES, file.size ?? PROBE_BYTES);
    const opened = await source.open(file, end > 0 ? { offset: 0, end } : { offset: 0 }, signal);
    if (opened.status === 'failed') return judged(notes, opened.failure);
    await leave(opened);
    return { outcome: notes.isAnswered ? 'answered' : 'unclear' };
  } catch (error) {
    if (signal.aborted) return { outcome: 'unclear' };
    throw error;
  }
}

function judged(
  { isAnswered, isRefused }: ProbeNotes,
  { reason, detail, retryAfterMs }: SourceFailure,
): ProbeResult {
  const isUnclear = { outcome: 'unclear' } as const;
  if (!isGateReason(reason)) return isAnswered && !silent.has(reason) ? { outcome: 'answered' } : isUnclear;
  // Otherwise another gate was closed, or is now: the way ended there.
  if (!isRefused) return isUnclear;
  return { outcome: 'refused', reason, detail, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

/** It answered with the file; how that goes on is not asked. */
async function leave({ body }: OpenedFile): Promise<void> {
  const chunks = body[Symbol.asyncIterator]();
  await chunks.next().catch(() => {});
  await chunks.return?.();
}
