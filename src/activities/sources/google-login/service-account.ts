import { createPrivateKey } from 'node:crypto';
import { sourceFailure } from '../../../domain/failure/source-failure.ts';
import {
  type Read,
  readServiceAccountKey,
  type ServiceAccountKey,
} from '../../../domain/network/google-keys.ts';
import { parsedJson } from '../../../domain/parsed-json.ts';
import { HOUR, MINUTE, SECOND } from '../../../domain/run/time-units.ts';
import type { GoogleCredential } from './credential.ts';
import type { CredentialTools } from './credential-tools.ts';
import { readSecretFile } from './secret-file.ts';
import { askForTokens, passing } from './sign-in-server.ts';
import { type Minted, makeTokenCredential } from './token-credential.ts';

const VARIABLE = 'FFHQ_GOOGLE_SERVICE_ACCOUNT';

/** A key has some 2,400 bytes. */
const MOST_BYTES = 16 * 1024;

/** Google takes a signature whose time is off by less. */
const CLOCK_MS = 30 * SECOND;

/** A service account, by the JSON key that FFHQ_GOOGLE_SERVICE_ACCOUNT names. */
export function serviceAccount({ env, http, secrets }: CredentialTools): GoogleCredential | undefined {
  const path = env[VARIABLE];
  if (!path) return undefined;
  return makeTokenCredential('service-account', async () => {
    const key = await readKey(path);
    if ('problem' in key) return refused(key.problem);
    for (const line of key.read.privateKey.split('\n').filter((text) => !text.startsWith('-')))
      secrets.add(line);
    const { askByServiceAccount } = await import('./google-library.ts');
    const asked = await askForTokens(http, new AbortController().signal, (send) =>
      askByServiceAccount(key.read, send),
    );
    if (asked.status === 'given') secrets.add(asked.tokens.accessToken);
    return asked.status === 'refused' ? meaningOf(asked.code, asked.aheadMs ?? 0) : asked;
  });
}

/** Why the key of a service account serves nobody. */
export async function problemOfServiceAccount(env: CredentialTools['env']): Promise<string | undefined> {
  const path = env[VARIABLE];
  const key = path ? await readKey(path) : undefined;
  return key !== undefined && 'problem' in key ? key.problem : undefined;
}

/** Reads and looks at a key; the problem begins with the file's name. */
async function readKey(path: string): Promise<Read<ServiceAccountKey>> {
  const file = await readSecretFile(path, MOST_BYTES);
  if (file.status === 'unusable') return { problem: file.problem };
  const key = readServiceAccountKey(parsedJson(file.text));
  const problem = 'problem' in key ? key.problem : problemOfPem(key.read.privateKey);
  return problem === undefined ? key : { problem: `[file=${path}]: ${problem}` };
}

function problemOfPem(privateKey: string): string | undefined {
  try {
    if (createPrivateKey(privateKey).asymmetricKeyType === 'rsa') return undefined;
  } catch {
    // Its words may repeat the key.
  }
  return 'expected an RSA private key, got one that cannot be read';
}

/** Google says `invalid_grant` to a revoked key, and to a signature of another time. */
function meaningOf(code: string, aheadMs: number): Minted {
  if (code === 'invalid_grant' && Math.abs(aheadMs) >= CLOCK_MS) {
    const clock = `this machine's clock is ${spanOf(Math.abs(aheadMs))} ${aheadMs > 0 ? 'ahead of' : 'behind'} Google's`;
    return passing(`${code}: ${clock}: set it right`);
  }
  return refused(
    `: expected a token, got ${code}: the key was revoked, or its account is gone; make another key`,
  );
}

function spanOf(ms: number): string {
  if (ms < 2 * MINUTE) return `${Math.round(ms / SECOND)} s`;
  return ms < 2 * HOUR ? `${Math.round(ms / MINUTE)} min` : `${Math.round(ms / HOUR)} h`;
}

function refused(rest: string): Minted {
  return { status: 'failed', failure: sourceFailure('credential', `service account ${rest}`) };
}
