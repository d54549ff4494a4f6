import { X509Certificate } from 'node:crypto';
import { isAbsolute, resolve } from 'node:path';
import type { Command, OptionValues } from 'commander';
import { refused } from '../../domain/failure/command-failure.ts';
import { printable } from '../../domain/failure/printable.ts';
import type { NetworkFlags } from '../../worker.ts';
import { readNamedFile } from './values/named-file.ts';
import type { Folders } from './values/out-folder.ts';

const FLAG = '--ca-file';
const IDS_FLAG = '--drive-ids';
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/** How a worker reaches the sources; proxies are the environment's. */
export function addNetworkFlags(command: Command): Command {
  return command
    .option(`${FLAG} <file>`, 'believe these CA certificates (PEM) as well as the usual ones')
    .option('--ipv4', 'ask sources by IPv4 alone, where IPv6 is broken')
    .option(`${IDS_FLAG} <file>`, 'ask for your own copies on Drive: a list of ids (JSON, TSV or CSV)');
}

/** Reads the certificates too: a file that is no good is refused before anything is started. */
export function readNetworkFlags(
  values: OptionValues,
  { given }: Folders,
  env: Readonly<Record<string, string | undefined>>,
): NetworkFlags {
  const file: unknown = values.caFile;
  const flags = { ipv4: values.ipv4 === true, driveIds: driveIdsOf(values, given, env) };
  if (typeof file !== 'string') return { ...flags, caCertificates: [] };
  if (file === '') throw refused(`flag [${FLAG}]: expected a file, got nothing`);
  return { ...flags, caCertificates: [...certificatesOf(resolve(given, file)), ...nodesOwn(env)] };
}

/** The worker reads it, and waits for one that is away; one for all workers of a host is named by the environment. */
export function driveIdsOf(
  { driveIds: file }: OptionValues,
  given: string,
  { FFHQ_DRIVE_IDS: byDefault }: Readonly<Record<string, string | undefined>>,
): string | undefined {
  if (typeof file === 'string') {
    if (file === '') throw refused(`flag [${IDS_FLAG}]: expected a file, got nothing`);
    return resolve(given, file);
  }
  if (!byDefault) return undefined;
  if (isAbsolute(byDefault)) return byDefault;
  throw refused(`environment [FFHQ_DRIVE_IDS]: expected an absolute path, got ${printable(byDefault, 200)}`);
}

function certificatesOf(path: string): readonly string[] {
  const shown = printable(path, 200);
  const found = readNamedFile(FLAG, path).match(CERTIFICATE) ?? [];
  if (found.length === 0) {
    throw refused(`flag [${FLAG}]: expected certificates in PEM (BEGIN CERTIFICATE), got none in ${shown}`);
  }
  for (const [index, certificate] of found.entries()) {
    try {
      new X509Certificate(certificate);
    } catch {
      throw refused(
        `flag [${FLAG}]: expected certificates, got one that cannot be read, number ${index + 1} in ${shown}`,
      );
    }
  }
  return found;
}

/**
 * Node.js believes this file by itself, but no longer once a list of CAs is given, and Node.js 20 does not tell what it
 * believes. It warns of a file that it cannot read.
 */
function nodesOwn({
  NODE_EXTRA_CA_CERTS: path,
}: Readonly<Record<string, string | undefined>>): readonly string[] {
  if (path === undefined || path === '') return [];
  try {
    return readNamedFile('NODE_EXTRA_CA_CERTS', path).match(CERTIFICATE) ?? [];
  } catch {
    return [];
  }
}
