/**
 * The one door to google-auth-library. It writes the questions of OAuth and signs for a service account; what it would
 * send goes out by {@link SendForm}, so that proxies, CAs, bounds and `FFHQ_GOOGLE_ORIGIN` are ours. Nothing else of it is
 * used: no look for default credentials, no question to a cloud's metadata server, no retries, no log of its own.
 */

import { CodeChallengeMethod, gaxios, JWT, OAuth2Client } from 'google-auth-library';
import type { OAuthClient, SavedLogin, ServiceAccountKey } from '../../../domain/network/google-keys.ts';
import type { SendForm } from './sign-in-server.ts';

/** Enough for the bytes of a file, and for nothing else. */
export const SCOPE = 'https://www.googleapis.com/auth/drive.readonly';

/** What is known of one attempt to sign in. */
export interface SignIn {
  readonly client: OAuthClient;
  /** Where the browser leads back to. */
  readonly redirectUri: string;
}

/** PKCE: what proves later that whoever brings the code is who began. */
export async function makeVerifier(): Promise<{ readonly verifier: string; readonly challenge: string }> {
  const { codeVerifier, codeChallenge } = await new OAuth2Client().generateCodeVerifierAsync();
  return { verifier: codeVerifier, challenge: codeChallenge ?? '' };
}

/** Google's page that asks the person. */
export function consentUrl({ client, redirectUri }: SignIn, state: string, challenge: string): string {
  return new OAuth2Client({ clientId: client.id, redirectUri }).generateAuthUrl({
    access_type: 'offline',
    // Else a client that was let in before gets no token that stays.
    prompt: 'consent',
    scope: SCOPE,
    state,
    code_challenge: challenge,
    code_challenge_method: CodeChallengeMethod.S256,
  });
}

/** Asks for the tokens of a code. */
export async function askByCode(
  { client, redirectUri }: SignIn,
  code: string,
  verifier: string,
  send: SendForm,
): Promise<unknown> {
  const { tokens } = await clientOf(client, send).getToken({
    code,
    codeVerifier: verifier,
    redirect_uri: redirectUri,
  });
  return tokens;
}

/** Asks for another access token by a login. */
export async function askByLogin({ client, refreshToken }: SavedLogin, send: SendForm): Promise<unknown> {
  const asker = clientOf(client, send);
  asker.setCredentials({ refresh_token: refreshToken });
  return (await asker.refreshAccessToken()).credentials;
}

/** Asks for an access token by a service account's signature. */
export function askByServiceAccount(
  { email, privateKey: key }: ServiceAccountKey,
  send: SendForm,
): Promise<unknown> {
  return new JWT({ email, key, scopes: [SCOPE], ...settings(send) }).authorize();
}

function clientOf({ id, secret }: OAuthClient, send: SendForm): OAuth2Client {
  return new OAuth2Client({ clientId: id, clientSecret: secret, ...settings(send) });
}

/** Its own parameters of a request come with a log that repeats tokens, so they are off. */
function settings(send: SendForm) {
  return { transporter: new OurTransport(send), useAuthRequestParameters: false };
}

/** In place of the library's HTTP client, which reads proxies of its own, retries and follows redirects. */
class OurTransport extends gaxios.Gaxios {
  readonly #send: SendForm;

  constructor(send: SendForm) {
    super();
    this.#send = send;
  }

  override async request<Data>(options: gaxios.GaxiosOptions = {}): Promise<gaxios.GaxiosResponse<Data>> {
    const { url, data } = options;
    if (url === undefined || !(data instanceof URLSearchParams))
      throw new TypeError('google-auth-library: expected a form to be sent, got another request');
    const { json } = await this.#send(new URL(url), data.toString());
    const config = { ...options, headers: new Headers(), url: new URL(url) };
    // Of an answer the library reads and changes `data`; what is no JSON object has no fields, and must not be repeated.
    const fields = typeof json === 'object' && json !== null ? json : {};
    return Object.assign(new Response(), { config, data: fields as Data });
  }
}
