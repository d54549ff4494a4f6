import { Seal } from '../../activities/records/seal.ts';
import { freeBytes } from '../../activities/store/free-space.ts';
import { refused } from '../../domain/failure/command-failure.ts';
import type { ExitCode } from '../../domain/failure/exit-code.ts';
import { exitCodes } from '../../domain/failure/exit-code.ts';
import type { RunRequest } from '../../domain/run/request.ts';
import type { LocalPlan } from '../../domain/words/plan-text.ts';
import { planFromKnownTotals, planLines } from '../../domain/words/plan-text.ts';
import { keyToLookBy } from '../../signing/signing-key.ts';
import type { Display } from '../../terminal/display.ts';
import type { CommandContext } from '../context/context.ts';
import type { RunOptions } from '../flags/run-flags.ts';
import { makeRunRequest } from '../flags/run-flags.ts';
import { sampleOptions } from './sample-options.ts';

/** Prints the plan and starts nothing. */
export async function printDryRun(
  context: CommandContext,
  given: RunOptions,
  reserveBytes: number,
  display: Display,
): Promise<ExitCode> {
  const { services, config, interrupt } = context;
  const served = given.sample
    ? await services.serveSample({ cacheDir: config.cacheDir, quota: false, onProgress: () => {} })
    : undefined;
  try {
    const options = served === undefined ? given : sampleOptions(given, served);
    const { out } = options;
    const request = makeRunRequest(options);
    const seal = new Seal(await keyToLookBy(config.keyFile));
    const plan =
      (await services.planLocally({ out, request, reserveBytes, seal, signal: interrupt })) ??
      (await knownPlan(out, request, reserveBytes));
    const enough = plan.freeBytes - plan.neededBytes >= plan.reserveBytes;
    display.say({ event: 'plan', ...plan, enough }, planLines(plan));
    return enough ? exitCodes.complete : exitCodes.refusedInput;
  } finally {
    await served?.close();
  }
}

async function knownPlan(out: string, request: RunRequest, reserveBytes: number): Promise<LocalPlan> {
  const { manifest } = request;
  if (manifest.name !== 'official') {
    if (manifest.name === 'photos') throw new Error('unreachable: photographs are not planned here');
    throw refused(
      `plan [manifest=${manifest.location}]: expected this manifest in ${out} or as a local file, got neither; ` +
        'fetch it first: the same command with --json in place of the other tasks',
    );
  }
  return planFromKnownTotals(request, { freeBytes: await freeBytes(out), reserveBytes });
}
