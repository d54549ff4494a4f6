import { existsSync } from 'node:fs';
import { sourceFailure } from '../../../domain/failure/source-failure.ts';
import type { GoogleCredential } from './credential.ts';
import type { CredentialTools } from './credential-tools.ts';
import { type LoginPlace, loginPlace, readLogin } from './login-file.ts';
import { askForTokens } from './sign-in-server.ts';
import { type Minted, makeTokenCredential } from './token-credential.ts';

const AGAIN = 'run `ffhq login google` again';

/** The user's own account, as `ffhq login google` signed it in. */
export function login({ env, http, secrets }: CredentialTools): GoogleCredential | undefined {
  const place = findLogin(env);
  if (place === undefined) return undefined;
  return makeTokenCredential('login', async () => {
    // Each time anew: a login that is made while a run goes on takes the place of one that ended.
    const saved = await readLogin(place.path);
    if ('problem' in saved) return ended(`${saved.problem}; ${AGAIN}`);
    const { client, refreshToken } = saved.read;
    secrets.add(client.secret);
    secrets.add(refreshToken);
    const { askByLogin } = await import('./google-library.ts');
    const asked = await askForTokens(http, new AbortController().signal, (send) =>
      askByLogin(saved.read, send),
    );
    switch (asked.status) {
      case 'given':
        secrets.add(asked.tokens.accessToken);
        return asked;
      case 'refused':
        return ended(`: expected a token, got ${asked.code}: ${meaningOf(asked.code)}`);
      case 'failed':
        return asked;
      default:
        return asked satisfies never;
    }
  });
}

/** Where a login lies, or should; undefined: there is none, and none was asked for. */
export function findLogin(env: CredentialTools['env']): LoginPlace | undefined {
  const place = loginPlace(env);
  return place !== undefined && (place.isGiven || existsSync(place.path)) ? place : undefined;
}

/** Why a saved login serves nobody. */
export async function problemOfLogin(env: CredentialTools['env']): Promise<string | undefined> {
  const place = loginPlace(env);
  const saved = place === undefined ? undefined : await readLogin(place.path);
  return saved !== undefined && 'problem' in saved ? saved.problem : undefined;
}

function meaningOf(code: string): string {
  switch (code) {
    case 'invalid_grant':
      return `the login has ended (revoked, or 7 days of an app in testing are over); ${AGAIN}`;
    case 'invalid_client':
    case 'unauthorized_client':
    case 'deleted_client':
    case 'disabled_client':
      return `the client id or secret is not, or no longer, right; ${AGAIN} with --client FILE`;
    default:
      return AGAIN;
  }
}

function ended(rest: string): Minted {
  return { status: 'failed', failure: sourceFailure('credential', `google login ${rest}`) };
}
