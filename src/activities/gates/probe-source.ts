import type { SourceFailureReason } from '../../domain/failure/source-failure.ts';
import { isGateReason } from '../../domain/failure/source-gate.ts';
import type { Probe, ProbeInput, ProbeResult } from '../../domain/gate/source-gate.ts';
import { MINUTE } from '../../domain/run/time-units.ts';
import { checkGateInput } from '../../domain/signing/check-gate.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { asActivityFailure } from '../failures.ts';
import type { OpenedFile, Source } from '../sources/contract/source.ts';

/** No probe takes longer. */
const PROBE_MS = MINUTE;

/** Bytes that a probe asks for: enough that it is answered as a file is, and next to nothing. */
const PROBE_BYTES = 4_096;

/** Reasons that say nothing of the source: it gave no answer, or an answer of no meaning. */
const silent: ReadonlySet<SourceFailureReason> = new Set<SourceFailureReason>([
  'network-down',
  'host-down',
  'proxy-login',
  'connection',
  'timeout',
  'too-slow',
  'server-error',
]);

/** Asks a source whose gate is closed for the beginning of one file, alone. Whatever it answers but its refusal opens the gate. */
export function probeSource({ sources }: Pick<ActivityDependencies, 'sources'>) {
  return async (input: ProbeInput): Promise<ProbeResult> => {
    try {
      checkGateInput('probeSource', input);
      const { source, allowedHosts } = input.probe;
      const opened =
        source === undefined
          ? await sources.namedUrl(allowedHosts, 'as a probe')
          : await sources.open(source, allowedHosts, 'as a probe');
      return await ask(opened, input.probe);
    } catch (error) {
      throw asActivityFailure(error);
    }
  };
}

async function ask(source: Source, { file }: Probe): Promise<ProbeResult> {
  const signal = AbortSignal.timeout(PROBE_MS);
  try {
    const end = Math.min(PROBE_BYTES, file.size ?? PROBE_BYTES);
    const opened = await source.open(file, end > 0 ? { offset: 0, end } : { offset: 0 }, signal);
    if (opened.status === 'opened') {
      await leave(opened);
      return { outcome: 'answered' };
    }
    const { reason, detail, retryAfterMs } = opened.failure;
    if (isGateReason(reason))
      return { outcome: 'refused', reason, detail, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
    return { outcome: silent.has(reason) ? 'unclear' : 'answered' };
  } catch (error) {
    if (signal.aborted) return { outcome: 'unclear' };
    throw error;
  }
}

/** It answered with the file; how that goes on is not asked. */
async function leave({ body }: OpenedFile): Promise<void> {
  const chunks = body[Symbol.asyncIterator]();
  await chunks.next().catch(() => {});
  await chunks.return?.();
}
