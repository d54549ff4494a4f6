import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command, OptionValues } from 'commander';
import { refused } from '../../domain/failure/command-failure.ts';
import { printable } from '../../domain/failure/printable.ts';
import type { NetworkFlags } from '../../worker.ts';
import type { Folders } from './out-folder.ts';

const FLAG = '--ca-file';
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/** How a worker reaches the sources; proxies are the environment's. */
export function addNetworkFlags(command: Command): Command {
  return command
    .option(`${FLAG} <file>`, 'believe these CA certificates (PEM) as well as the usual ones')
    .option('--ipv4', 'ask sources by IPv4 alone, where IPv6 is broken');
}

/** Reads the certificates too: a file that is no good is refused before anything is started. */
export function readNetworkFlags(
  values: OptionValues,
  { given }: Folders,
  env: Readonly<Record<string, string | undefined>>,
): NetworkFlags {
  const file: unknown = values.caFile;
  const ipv4 = values.ipv4 === true;
  if (typeof file !== 'string') return { ipv4, caCertificates: [] };
  if (file === '') throw refused(`flag [${FLAG}]: expected a file, got nothing`);
  return { ipv4, caCertificates: [...certificatesOf(resolve(given, file)), ...nodesOwn(env)] };
}

function certificatesOf(path: string): readonly string[] {
  const shown = printable(path, 200);
  let text: string;
  try {
    text = readFileSync(path, 'latin1');
  } catch (error) {
    throw refused(`flag [${FLAG}]: expected a file that can be read, got ${codeOf(error)} for ${shown}`);
  }
  const found = text.match(CERTIFICATE) ?? [];
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
    return readFileSync(path, 'latin1').match(CERTIFICATE) ?? [];
  } catch {
    return [];
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
