import { apiKey } from './api-key.ts';
import type { GoogleCredential } from './credential.ts';
import type { CredentialTools } from './credential-tools.ts';

/** One kind of credential. Undefined: nothing in the environment asks for it. */
type CredentialWay = (tools: CredentialTools) => GoogleCredential | undefined;

/** The kinds, a line each; the first that the environment asks for is taken. */
const ways: readonly CredentialWay[] = [apiKey];

/** What signs this worker's requests to Google's API; undefined: it asks anonymously. Reads no file and asks nobody. */
export function findCredential(tools: CredentialTools): GoogleCredential | undefined {
  for (const way of ways) {
    const credential = way(tools);
    if (credential !== undefined) return credential;
  }
  return undefined;
}
