import { apiKey, problemOfApiKey } from './api-key.ts';
import type { GoogleCredential } from './credential.ts';
import type { CredentialTools } from './credential-tools.ts';
import { findLogin, login, problemOfLogin } from './login.ts';
import { problemOfServiceAccount, serviceAccount } from './service-account.ts';

type Environment = CredentialTools['env'];

/** One kind of credential. */
interface CredentialWay {
  readonly kind: GoogleCredential['kind'];
  /** Does anything in the environment ask for it? */
  readonly isAskedFor: (env: Environment) => boolean;
  /** Undefined: nothing does. */
  readonly find: (tools: CredentialTools) => GoogleCredential | undefined;
  /** Of one that is asked for, why its file serves nobody. Reads the file, and repeats nothing of it. */
  readonly problem: (env: Environment) => Promise<string | undefined>;
}

/** The kinds, a line each; the first that the environment asks for is taken. */
const ways: readonly CredentialWay[] = [
  {
    kind: 'service-account',
    isAskedFor: (env) => Boolean(env.FFHQ_GOOGLE_SERVICE_ACCOUNT),
    find: serviceAccount,
    problem: problemOfServiceAccount,
  },
  { kind: 'login', isAskedFor: (env) => findLogin(env) !== undefined, find: login, problem: problemOfLogin },
  {
    kind: 'api-key',
    isAskedFor: (env) => Boolean(env.FFHQ_GOOGLE_API_KEY || env.FFHQ_GOOGLE_API_KEY_FILE),
    find: apiKey,
    problem: problemOfApiKey,
  },
];

/** What signs this worker's requests to Google's API; undefined: it asks anonymously. Asks nobody. */
export function findCredential(tools: CredentialTools): GoogleCredential | undefined {
  for (const { find } of ways) {
    const credential = find(tools);
    if (credential !== undefined) return credential;
  }
  return undefined;
}

export interface LookedAtCredential {
  readonly kind: GoogleCredential['kind'];
  /** "expected ..., got ...", of its file; undefined: it can be read. */
  readonly problem: string | undefined;
}

/** All that the environment asks for, as far as can be seen from here: the first is used, and those behind it are not. */
export async function lookAtCredentials(env: Environment): Promise<readonly LookedAtCredential[]> {
  const asked = ways.filter(({ isAskedFor }) => isAskedFor(env));
  return Promise.all(asked.map(async ({ kind, problem }) => ({ kind, problem: await problem(env) })));
}
