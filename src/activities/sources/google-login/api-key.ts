import { sourceFailure } from '../../../domain/failure/source-failure.ts';
import type { ShownSecrets } from '../../../domain/network/shown-secrets.ts';
import type { GoogleCredential, SignedHeaders } from './credential.ts';
import type { CredentialTools } from './credential-tools.ts';
import { readSecretFile } from './secret-file.ts';

/** Google's have 39 characters. */
const MOST_BYTES = 1024;

/** An API key of the user's own project: FFHQ_GOOGLE_API_KEY, or the file that FFHQ_GOOGLE_API_KEY_FILE names. */
export function apiKey({ env, secrets }: CredentialTools): GoogleCredential | undefined {
  const { FFHQ_GOOGLE_API_KEY: key, FFHQ_GOOGLE_API_KEY_FILE: path } = env;
  if (key) return { kind: 'api-key', headers: async () => signedBy(key, secrets, 'FFHQ_GOOGLE_API_KEY') };
  return path ? new KeyOfFile(path, secrets) : undefined;
}

/** Why the file of a key serves nobody. */
export async function problemOfApiKey({
  FFHQ_GOOGLE_API_KEY_FILE: path,
}: CredentialTools['env']): Promise<string | undefined> {
  const file = path ? await readSecretFile(path, MOST_BYTES) : undefined;
  return file?.status === 'unusable' ? file.problem : undefined;
}

/** Read at the first need and whenever Google refuses it: so a key is changed under a running worker. */
class KeyOfFile implements GoogleCredential {
  readonly kind = 'api-key';
  readonly #path: string;
  readonly #secrets: ShownSecrets;
  #known: SignedHeaders | undefined;

  constructor(path: string, secrets: ShownSecrets) {
    this.#path = path;
    this.#secrets = secrets;
  }

  async headers(_: AbortSignal, renew = false): Promise<SignedHeaders> {
    if (this.#known !== undefined && !renew) return this.#known;
    const made = await this.#read();
    // What cannot be used is looked at again next time.
    this.#known = made.status === 'signed' ? made : undefined;
    return made;
  }

  async #read(): Promise<SignedHeaders> {
    const file = await readSecretFile(this.#path, MOST_BYTES);
    if (file.status === 'read')
      return signedBy(file.text.trim(), this.#secrets, `FFHQ_GOOGLE_API_KEY_FILE=${this.#path}`);
    const detail = `credential [FFHQ_GOOGLE_API_KEY_FILE] ${file.problem}`;
    return { status: 'failed', failure: sourceFailure('credential', detail) };
  }
}

/** A header takes printable characters alone, and what is no key must not pass for one. */
function signedBy(key: string, secrets: ShownSecrets, from: string): SignedHeaders {
  if (/^[\x21-\x7e]{6,}$/.test(key)) {
    secrets.add(key);
    return { status: 'signed', headers: { 'x-goog-api-key': key } };
  }
  const detail = `credential [${from}]: expected an API key, got something else`;
  return { status: 'failed', failure: sourceFailure('credential', detail) };
}
