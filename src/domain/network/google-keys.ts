/** What people bring to sign in at Google, as it stands in the JSON files that Google and `ffhq login google` write. */

/** The OAuth client that a person made for themselves in Google's console. */
export interface OAuthClient {
  readonly id: string;
  readonly secret: string;
}

/** A sign-in that stays: what `ffhq login google` keeps. */
export interface SavedLogin {
  readonly client: OAuthClient;
  readonly refreshToken: string;
}

/** What a service account signs with. */
export interface ServiceAccountKey {
  readonly email: string;
  /** PEM */
  readonly privateKey: string;
}

/** What was read, or "expected ..., got ...": of the values nothing is repeated. */
export type Read<What> = { readonly read: What } | { readonly problem: string };

const FORMAT = 1;

/** Reads the JSON file of an OAuth client that the console hands out. */
export function readOAuthClient(json: unknown): Read<OAuthClient> {
  const file = fieldsOf(json);
  const installed = fieldsOf(file?.installed);
  if (installed === undefined) {
    const got = isNamed(file, 'web')
      ? 'one of type "Web application", which may not lead back to this machine'
      : notThat(file);
    return { problem: `expected the JSON file of an OAuth client of type "Desktop app", got ${got}` };
  }
  return readClient(installed.client_id, installed.client_secret);
}

/** An id and a secret, wherever they stand. */
export function readClient(id: unknown, secret: unknown): Read<OAuthClient> {
  if (isWord(id) && isWord(secret)) return { read: { id, secret } };
  const lacking = isWord(id) ? 'client secret' : 'client id';
  return { problem: `expected a client id and a client secret, got no usable ${lacking}` };
}

/** Reads the JSON key of a service account. Its `token_uri` is not looked at: only Google is asked. */
export function readServiceAccountKey(json: unknown): Read<ServiceAccountKey> {
  const file = fieldsOf(json);
  if (file?.type !== 'service_account')
    return { problem: `expected the JSON key of a service account, got ${notThat(file)}` };
  const { client_email: email, private_key: privateKey } = file;
  if (!isWord(email))
    return { problem: 'expected the JSON key of a service account, got one without client_email' };
  if (typeof privateKey !== 'string' || !/^-----BEGIN (RSA )?PRIVATE KEY-----\n/.test(privateKey))
    return { problem: 'expected the JSON key of a service account, got one without a private_key in PEM' };
  return { read: { email, privateKey } };
}

/** Reads what {@link savedLoginText} wrote. */
export function readSavedLogin(json: unknown): Read<SavedLogin> {
  const file = fieldsOf(json);
  const { format, client_id, client_secret, refresh_token: refreshToken } = file ?? {};
  if (format !== FORMAT)
    return { problem: `expected a login that \`ffhq login google\` saved, got ${notThat(file)}` };
  const client = readClient(client_id, client_secret);
  if ('problem' in client) return client;
  if (!isWord(refreshToken)) return { problem: 'expected a refresh token, got none' };
  return { read: { client: client.read, refreshToken } };
}

export function savedLoginText({ client, refreshToken }: SavedLogin): string {
  const fields = {
    format: FORMAT,
    client_id: client.id,
    client_secret: client.secret,
    refresh_token: refreshToken,
  };
  return `${JSON.stringify(fields, undefined, 2)}\n`;
}

/** Google's ids, secrets, tokens and addresses: one line without spaces. */
export function isWord(value: unknown): value is string {
  return typeof value === 'string' && /^[\x21-\x7e]{1,4096}$/.test(value);
}

function fieldsOf(json: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
    ? (json as Readonly<Record<string, unknown>>)
    : undefined;
}

function isNamed(file: Readonly<Record<string, unknown>> | undefined, name: string): boolean {
  return file !== undefined && Object.hasOwn(file, name);
}

/** What a file is that is not the one that was meant; those who download several from the console mix them up. */
function notThat(file: Readonly<Record<string, unknown>> | undefined): string {
  if (file === undefined) return 'something that is no JSON object';
  if (file.type === 'service_account') return 'the key of a service account';
  if (file.type === 'authorized_user') return "another program's login";
  if (isNamed(file, 'installed') || isNamed(file, 'web')) return 'the file of an OAuth client';
  if (isNamed(file, 'refresh_token')) return 'a login of another version';
  return 'another JSON file';
}
