import { resolve } from 'node:path';
import { examine } from '../../doctor/examine.ts';
import type { Finding } from '../../doctor/finding.ts';
import type { Question } from '../../doctor/question.ts';
import { refused } from '../../domain/failure/command-failure.ts';
import { type ExitCode, exitCodes } from '../../domain/failure/exit-code.ts';

import { versionedTaskQueue } from '../../domain/run/task-queues.ts';
import { formatCount } from '../../domain/words/format.ts';
import { type CommandContext, displayFor, type Verb } from '../context/context.ts';
import { readZips } from '../flags/archives/zip-flags.ts';
import { readConnectionFlags } from '../flags/connection-flags.ts';
import { driveIdsOf } from '../flags/network-flags.ts';
import { readData, readKinds } from '../flags/run-flags.ts';
import { readIds } from '../flags/selection/ids-flag.ts';
import { readWorkerOptions } from '../flags/worker-flags.ts';

/** `ffhq doctor`: looks at everything that a run needs, and changes nothing. */
export const doctor: Verb = async (context, values) => {
  const display = displayFor(context, values);
  const question = readQuestion(context, values);
  let problems = 0;
  for await (const finding of examine(question, { env: context.env, signal: context.interrupt })) {
    if (context.interrupt.aborted) return exitCodes.interrupted;
    if (finding.status === 'problem') problems++;
    const { check, status, found, todo = null } = finding;
    display.say({ event: 'check', check, status, found, todo }, lineOf(finding));
  }
  if (context.interrupt.aborted) return exitCodes.interrupted;
  const exitCode: ExitCode = problems === 0 ? exitCodes.complete : exitCodes.refusedInput;
  const words =
    problems === 0 ? 'no problem' : `${formatCount(problems)} ${problems === 1 ? 'problem' : 'problems'}`;
  display.say({ event: 'doctor', problems, exitCode }, words);
  return exitCode;
};

const labels = { ok: 'OK', note: 'note', problem: 'PROBLEM' } as const;

function lineOf({ check, status, found, todo }: Finding): string {
  const line = `${labels[status].padEnd(8)}${check.padEnd(23)} ${found}`;
  return todo === undefined ? line : `${line}; what to do: ${todo}`;
}

/** Reads words alone: a disk that does not answer is for a check to find. */
function readQuestion(
  { folders, spoken, config, env }: CommandContext,
  values: Record<string, unknown>,
): Question {
  const { out, caFile, taskQueue } = values as Record<string, string | undefined>;
  if (out === '') throw refused('flag [--out]: expected a folder, got nothing');
  if (caFile === '') throw refused('flag [--ca-file]: expected a file, got nothing');
  const { source, manifest, allowedHosts } = readData(values, folders);
  return {
    out: resolve(folders.given, out ?? '.'),
    project: folders.project,
    ids: readIds(values, folders),
    kinds: readKinds(values),
    zips: readZips(values),
    reserveBytes: readWorkerOptions(values).reserveBytes,
    ...{ source, manifest, allowedHosts },
    network: {
      ipv4: values.ipv4 === true,
      caFile: caFile === undefined ? undefined : resolve(folders.given, caFile),
      caCertificates: [],
      driveIds: driveIdsOf(values, folders.given, env),
    },
    connection: readConnectionFlags(values),
    taskQueue: versionedTaskQueue(taskQueue ?? config.taskQueue),
    spoken: { run: spoken('run'), worker: spoken('worker') },
  };
}
