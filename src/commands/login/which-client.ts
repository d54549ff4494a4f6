import { resolve } from 'node:path';
import type { OptionValues } from 'commander';
import { readLogin } from '../../activities/sources/google-login/login-file.ts';
import { readSecretFile } from '../../activities/sources/google-login/secret-file.ts';
import { refused } from '../../domain/failure/command-failure.ts';
import { type OAuthClient, readClient, readOAuthClient } from '../../domain/network/google-keys.ts';
import { parsedJson } from '../../domain/parsed-json.ts';
import type { CommandContext } from '../context/context.ts';

/** A client's file has some 400 bytes. */
const MOST_BYTES = 16 * 1024;

/** The OAuth client to sign in with: of `--client`, of the environment, or that of the login before. */
export async function whichClient(
  { env, folders }: CommandContext,
  values: OptionValues,
  loginPath: string,
): Promise<OAuthClient> {
  if (typeof values.client === 'string') return clientOfFile(resolve(folders.given, values.client));
  const { FFHQ_GOOGLE_CLIENT_ID: id, FFHQ_GOOGLE_CLIENT_SECRET: secret } = env;
  if (id || secret) {
    const client = readClient(id, secret);
    if ('read' in client) return client.read;
    throw refused(`environment [FFHQ_GOOGLE_CLIENT_ID, FFHQ_GOOGLE_CLIENT_SECRET]: ${client.problem}`);
  }
  const before = await readLogin(loginPath);
  if ('read' in before) return before.read.client;
  throw refused([
    'login google: expected an OAuth client of your own, got none',
    '  Google Cloud > APIs & Services: enable the Google Drive API, then Credentials > Create >',
    '  OAuth client ID > Desktop app. Download its JSON file, `chmod 600` it, and name it with --client FILE',
    '  (or set FFHQ_GOOGLE_CLIENT_ID and FFHQ_GOOGLE_CLIENT_SECRET).',
  ]);
}

async function clientOfFile(path: string): Promise<OAuthClient> {
  const file = await readSecretFile(path, MOST_BYTES);
  if (file.status === 'unusable') throw refused(`flag [--client] ${file.problem}`);
  const client = readOAuthClient(parsedJson(file.text));
  if ('read' in client) return client.read;
  throw refused(`flag [--client]: ${client.problem}`);
}
