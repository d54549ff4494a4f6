import { generateKeyPairSync } from 'node:crypto';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { CredentialTools } from '../../../../src/activities/sources/google-login/credential-tools.ts';
import { saveLogin } from '../../../../src/activities/sources/google-login/login-file.ts';
import { makeHttpClient } from '../../../../src/activities/sources/http/client.ts';
import { ShownSecrets } from '../../../../src/domain/network/shown-secrets.ts';
import { type DriveStandInOptions, startDriveStandIn } from '../../../../src/stand-in/drive-stand-in.ts';

/** A stand-in, and what a worker that asks it makes credentials of. */
export async function startSignIn({ files = new Map() }: Partial<DriveStandInOptions> = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'ffhq-sign-in-'));
  const standIn = await startDriveStandIn({ files });
  const http = makeHttpClient({ connections: 4, googleOrigin: standIn.origin });
  onTestFinished(async () => {
    await http.close();
    await standIn.close();
    await rm(folder, { recursive: true });
  });
  const tools = (env: Record<string, string>): CredentialTools => ({
    env,
    http,
    secrets: new ShownSecrets(),
  });
  return { folder, standIn, http, tools, desk: standIn.signIn };
}

type SignedIn = Pick<Awaited<ReturnType<typeof startSignIn>>, 'folder' | 'desk'>;

/** A login as `ffhq login google` saves it; answers its environment. */
export async function savedLogin({ folder, desk }: SignedIn, secret = desk.client.secret) {
  const path = join(folder, 'login.json');
  const refreshToken = desk.signIn();
  await saveLogin(path, { client: { ...desk.client, secret }, refreshToken });
  return { env: { FFHQ_GOOGLE_LOGIN: path }, path, refreshToken };
}

/** One for all: to make one takes a second. */
const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

/** A service account that the stand-in knows, and its key as Google's console hands it out. */
export async function serviceAccountKey({ folder, desk }: SignedIn, mode = 0o600) {
  const email = 'reader@a-project.iam.gserviceaccount.com';
  desk.serviceAccounts.set(email, publicKey.export({ type: 'spki', format: 'pem' }).toString());
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const path = join(folder, 'key.json');
  const key = {
    type: 'service_account',
    client_email: email,
    private_key: pem,
    token_uri: 'http://127.0.0.1:1/',
  };
  await writeFile(path, JSON.stringify(key));
  await chmod(path, mode);
  return { env: { FFHQ_GOOGLE_SERVICE_ACCOUNT: path }, path, pem, email };
}
