import { readNetworkFlags } from '../../commands/flags/network-flags.ts';
import { CommandFailure } from '../../domain/failure/command-failure.ts';
import { type Answer, ok, problem } from '../finding.ts';
import type { Question } from '../question.ts';

const CHECK = 'CA certificates';

/** The file of `--ca-file`, as a worker reads it. */
export default async function checkCertificates({ network, project }: Question): Promise<Answer> {
  const { caFile, ipv4 } = network;
  if (caFile === undefined) return { findings: [] };
  try {
    const env = process.env;
    const folders = { given: project, project };
    const { caCertificates } = readNetworkFlags({ caFile, ipv4 }, folders, env);
    const found = `${caCertificates.length} beside the usual ones, from ${caFile}`;
    return { findings: [ok(CHECK, found)], certificates: caCertificates };
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    return { findings: [problem(CHECK, error.message, 'give a readable PEM file with --ca-file')] };
  }
}
