import { createHash, createPublicKey, type KeyObject, randomBytes, verify } from 'node:crypto';
import type { OutgoingHttpHeaders } from 'node:http';

/** What is done in place of giving tokens. */
export type SignInBehaviour =
  /** The person presses "Cancel". */
  | { readonly kind: 'consent-denied' }
  /** The person lets the program have only some of what it asks for. */
  | { readonly kind: 'scope-refused' }
  /** No token that stays comes with a code. */
  | { readonly kind: 'no-refresh-token' }
  /** OAuth's own refusal, such as `invalid_grant`; Google repeats in its description what it was sent. */
  | { readonly kind: 'refused'; readonly error: string; readonly status?: 400 | 401 }
  /** Any status, with a page. */
  | { readonly kind: 'status'; readonly status: number; readonly retryAfter?: string }
  | { readonly kind: 'no-json' }
  | { readonly kind: 'no-answer' };

/** A request as it came. */
export interface SignInRequest {
  readonly host: string;
  readonly method: string | undefined;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: AsyncIterable<unknown>;
}

/** A redirect has a `location`, and no text. */
export interface SignInAnswer {
  readonly status: number;
  readonly text: string;
  readonly headers: OutgoingHttpHeaders;
}

interface Grant {
  readonly client: string;
  readonly redirectUri: string;
  readonly challenge: string;
}

const ACCOUNTS = 'accounts.google.com';
const TOKENS = 'oauth2.googleapis.com';
const SCOPE = 'https://www.googleapis.com/auth/drive.readonly';

/** Seconds by which the time of a signature may be off. */
const MOST_SKEW = 300;

const MOST_FORM_BYTES = 64 * 1024;

/** Where Google signs people and programs in: the page that asks for consent, and the server that gives tokens. */
export class SignInDesk {
  /** The OAuth client that it knows. */
  readonly client = { id: `${word(12)}.apps.googleusercontent.com`, secret: `GOCSPX-${word(28)}` };
  /** Public keys (PEM) of service accounts, by their address. */
  readonly serviceAccounts = new Map<string, string>();
  /** Seconds for which an access token holds. */
  lifetime = 3_600;
  /** Milliseconds by which its clock is ahead of this machine's. */
  clockAheadMs = 0;
  readonly #now: () => number;
  readonly #codes = new Map<string, Grant>();
  readonly #refreshTokens = new Set<string>();
  readonly #accessTokens = new Map<string, number>();
  #behaviours: readonly SignInBehaviour[] = [];
  #questions = 0;

  constructor(now: () => number) {
    this.#now = () => now() + this.clockAheadMs;
  }

  /** How often tokens were asked for. */
  get questions(): number {
    return this.#questions;
  }

  /** From now on it behaves so. */
  behave(...behaviours: readonly SignInBehaviour[]): void {
    this.#behaviours = behaviours;
  }

  /** A refresh token, as of a person who signed in. */
  signIn(): string {
    const token = `1//${word(40)}`;
    this.#refreshTokens.add(token);
    return token;
  }

  /** No login holds any more, and no access token. */
  revokeAll(): void {
    this.#refreshTokens.clear();
    this.expireAll();
  }

  /** Access tokens that were given are answered with 401. */
  expireAll(): void {
    this.#accessTokens.clear();
  }

  /** Does this access token hold? */
  letsIn(token: string): boolean {
    const until = this.#accessTokens.get(token);
    return until !== undefined && this.#now() < until;
  }

  /** What it answers; undefined: the request was for none of its hosts. `silence`: nothing comes. */
  async answer(request: SignInRequest): Promise<SignInAnswer | 'silence' | undefined> {
    const { host, path, method, query, body } = request;
    if (host === ACCOUNTS && path === '/o/oauth2/v2/auth' && method === 'GET') return this.#consent(query);
    if (host !== TOKENS) return undefined;
    if (path === '/token' && method === 'POST') return this.#tokens(await formOf(body));
    if (path === '/revoke' && method === 'POST') return this.#revoke(await formOf(body));
    return page(404, 'not found');
  }

  #consent(query: SignInRequest['query']): SignInAnswer {
    const { client_id: client = '', redirect_uri: redirectUri = '', state = '', scope = '' } = query;
    const isRight =
      client === this.client.id &&
      /^http:\/\/127\.0\.0\.1:\d+\//.test(redirectUri) &&
      query.code_challenge_method === 'S256' &&
      query.access_type === 'offline' &&
      query.response_type === 'code';
    if (!isRight) return page(400, '<title>Error 400: invalid_request</title>');
    const back = new URL(redirectUri);
    back.searchParams.set('state', state);
    if (this.#find('consent-denied')) back.searchParams.set('error', 'access_denied');
    else {
      const code = `4/0${word(60)}`;
      this.#codes.set(code, { client, redirectUri, challenge: query.code_challenge ?? '' });
      back.searchParams.set('code', code);
      back.searchParams.set('scope', scope);
    }
    return page(302, '', { location: back.href });
  }

  #tokens(form: URLSearchParams): SignInAnswer | 'silence' {
    this.#questions++;
    if (this.#find('no-answer')) return 'silence';
    if (this.#find('no-json')) return page(200, '<title>Welcome to the hotel</title>');
    const failing = this.#find('status');
    if (failing) {
      const { status, retryAfter } = failing;
      return page(
        status,
        '<title>Error</title>',
        retryAfter === undefined ? {} : { 'retry-after': retryAfter },
      );
    }
    const refused = this.#find('refused');
    const error = refused?.error ?? this.#refusalOf(form);
    if (error !== undefined) {
      const status = refused?.status ?? (error === 'invalid_client' ? 401 : 400);
      return this.#json(status, { error, error_description: `not taken: ${form}` });
    }
    const grant = this.#codes.get(form.get('code') ?? '');
    this.#codes.delete(form.get('code') ?? '');
    const accessToken = `ya29.${word(100)}`;
    this.#accessTokens.set(accessToken, this.#now() + this.lifetime * 1_000);
    return this.#json(200, {
      access_token: accessToken,
      expires_in: this.lifetime,
      token_type: 'Bearer',
      scope: this.#find('scope-refused') ? 'openid' : SCOPE,
      ...(grant && !this.#find('no-refresh-token') ? { refresh_token: this.signIn() } : {}),
    });
  }

  #refusalOf(form: URLSearchParams): string | undefined {
    const given = (name: string) => form.get(name) ?? '';
    const grantType = given('grant_type');
    if (grantType === 'urn:ietf:params:oauth:grant-type:jwt-bearer')
      return this.#refusalOfSignature(given('assertion'));
    if (given('client_id') !== this.client.id || given('client_secret') !== this.client.secret)
      return 'invalid_client';
    if (grantType === 'refresh_token')
      return this.#refreshTokens.has(given('refresh_token')) ? undefined : 'invalid_grant';
    const grant = this.#codes.get(given('code'));
    const challenge = createHash('sha256').update(given('code_verifier')).digest('base64url');
    const isRight = grant?.challenge === challenge && grant.redirectUri === given('redirect_uri');
    return grantType === 'authorization_code' && isRight ? undefined : 'invalid_grant';
  }

  #refusalOfSignature(assertion: string): string | undefined {
    const [head = '', claims = '', signature = ''] = assertion.split('.');
    const said = JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, unknown>;
    const pem = this.serviceAccounts.get(String(said.iss));
    if (pem === undefined) return 'invalid_grant';
    const key: KeyObject = createPublicKey(pem);
    const isSigned = verify(
      'sha256',
      Buffer.from(`${head}.${claims}`),
      key,
      Buffer.from(signature, 'base64url'),
    );
    const now = this.#now() / 1_000;
    const isOfNow = Math.abs(Number(said.iat) - now) <= MOST_SKEW && Number(said.exp) > now;
    const isForUs = said.aud === `https://${TOKENS}/token` && said.scope === SCOPE;
    return isSigned && isOfNow && isForUs ? undefined : 'invalid_grant';
  }

  #revoke(form: URLSearchParams): SignInAnswer {
    if (this.#refreshTokens.delete(form.get('token') ?? '')) return this.#json(200, {});
    return this.#json(400, { error: 'invalid_token', error_description: 'Token expired or revoked' });
  }

  #json(status: number, value: object): SignInAnswer {
    return page(status, JSON.stringify(value), {
      'content-type': 'application/json; charset=utf-8',
      date: new Date(this.#now()).toUTCString(),
    });
  }

  #find<Kind extends SignInBehaviour['kind']>(
    kind: Kind,
  ): Extract<SignInBehaviour, { kind: Kind }> | undefined {
    return this.#behaviours.find(
      (behaviour): behaviour is Extract<SignInBehaviour, { kind: Kind }> => behaviour.kind === kind,
    );
  }
}

function page(status: number, text: string, headers: OutgoingHttpHeaders = {}): SignInAnswer {
  return { status, text, headers };
}

async function formOf(body: AsyncIterable<unknown>): Promise<URLSearchParams> {
  let text = '';
  for await (const chunk of body) {
    text += String(chunk);
    if (text.length > MOST_FORM_BYTES) break;
  }
  return new URLSearchParams(text);
}

/** As Google's secrets look: nothing that anybody writes by chance. */
function word(length: number): string {
  return randomBytes(length).toString('base64url').slice(0, length);
}
