import { apiKey } from './api-key.ts';
import type { GoogleCredential } from './credential.ts';
import type { CredentialTools } from './credential-tools.ts';
import { login } from './login.ts';
import { serviceAccount } from './service-account.ts';

/** One kind of credential. Undefined: nothing in the environment asks for it. */
type CredentialWay = (tools: CredentialTools) => GoogleCredential | undefined;

/** The kinds, a line each; the first that the environment asks for is taken. */
const ways: readonly CredentialWay[] = [serviceAccount, login, apiKey];

/** What signs this worker's requests to Google's API; undefined: it asks anonymously. Asks nobody. */
export function findCredential(tools: CredentialTools): GoogleCredential | undefined {
  return findCredentials(tools)[0];
}

/** All that the environment asks for; those behind the first are not used. */
export function findCredentials(tools: CredentialTools): readonly GoogleCredential[] {
  return ways.flatMap((way) => way(tools) ?? []);
}
