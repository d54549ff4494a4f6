import { accessSync, constants, type Stats, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { problemOfApiKey } from '../../activities/sources/google-login/api-key.ts';
import { readCookiesOfFile } from '../../activities/sources/google-login/cookies-of-file.ts';
import { problemOfLogin } from '../../activities/sources/google-login/login.ts';
import { problemOfServiceAccount } from '../../activities/sources/google-login/service-account.ts';
import { usualKeyFile } from '../../config.ts';
import { CommandFailure } from '../../domain/failure/command-failure.ts';
import { errorCode } from '../../domain/failure/store-failure.ts';
import { keyToLookBy } from '../../signing/signing-key.ts';
import { type Answer, type Finding, note, ok, problem } from '../finding.ts';
import { refusalOf } from '../said.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** A secret that this program may be given, and where. */
interface Credential {
  readonly check: string;
  readonly variable: string;
  /** `secret`: the variable is it. `file`: it names a file with it. */
  readonly holds: 'secret' | 'file';
  /** Where such a file lies when the variable names none. */
  readonly otherwise?: (env: Environment) => string;
  /** Who else may read it. @default nobody */
  readonly mayRead?: 'group';
  /** Why what is in such a file serves nobody, as a worker reads it: a sentence that repeats nothing of it. */
  readonly problemOf?: (env: Environment, path: string, isGiven: boolean) => Promise<string | undefined>;
}

/** Each in a line. */
const credentials: readonly Credential[] = [
  { check: 'Google API key', variable: 'FFHQ_GOOGLE_API_KEY', holds: 'secret' },
  {
    check: 'Google API key',
    variable: 'FFHQ_GOOGLE_API_KEY_FILE',
    holds: 'file',
    problemOf: problemOfApiKey,
  },
  {
    check: 'Google service account',
    variable: 'FFHQ_GOOGLE_SERVICE_ACCOUNT',
    holds: 'file',
    problemOf: problemOfServiceAccount,
  },
  {
    check: 'Google login',
    variable: 'FFHQ_GOOGLE_LOGIN',
    holds: 'file',
    otherwise: loginFile,
    problemOf: problemOfLogin,
  },
  { check: 'cookies', variable: 'FFHQ_COOKIES', holds: 'file', problemOf: problemOfCookies },
  { check: 'tokens of mirrors', variable: 'FFHQ_TOKENS', holds: 'secret' },
  { check: 'Hugging Face token', variable: 'HF_TOKEN', holds: 'secret' },
  { check: 'secret of notices', variable: 'FFHQ_NOTIFY_SECRET', holds: 'secret' },
  {
    check: 'signing key',
    variable: 'FFHQ_KEY_FILE',
    holds: 'file',
    otherwise: usualKeyFile,
    mayRead: 'group',
    problemOf: problemOfKey,
  },
];

/** Bytes: whatever is larger holds no secret. */
const MOST_BYTES = 1024 ** 2;

/** Which secrets are there, who may read them, and whether a worker could use them. Their content is never shown. */
export default async function checkCredentials(): Promise<Answer> {
  const env = process.env;
  const findings = (await Promise.all(credentials.map((row) => findingOf(row, env)))).flatMap(
    (finding) => finding ?? [],
  );
  const isOfGoogle = ({ check }: Finding) => check.startsWith('Google') || check === 'cookies';
  if (findings.some(isOfGoogle)) return { findings };
  return { findings: [ok('Google sign-in', 'none: Drive is asked without an account'), ...findings] };
}

async function findingOf(row: Credential, env: Environment): Promise<Finding | undefined> {
  const { check, variable, holds, otherwise } = row;
  const value = env[variable];
  const isGiven = value !== undefined && value !== '';
  if (holds === 'secret') return isGiven ? ok(check, `in ${variable} (not shown)`) : undefined;
  const path = isGiven ? value : otherwise?.(env);
  if (path === undefined) return undefined;
  if (!isAbsolute(path)) {
    // Somebody may have put the secret itself there.
    return problem(
      check,
      `${variable}: expected an absolute path, got something else`,
      `give the file's whole path`,
    );
  }
  let info: Stats | undefined;
  try {
    info = statSync(path);
    accessSync(path, constants.R_OK);
  } catch (error) {
    if (errorCode(error) === 'ENOENT' && !isGiven) return undefined;
    const found = `${path}: expected a file that can be read, got ${refusalOf(error)}`;
    return problem(check, found, `look at ${isGiven ? variable : 'its owner and mode'}`);
  }
  const finding = fileFinding(row, path, info, isGiven);
  const unfit = finding.status === 'problem' ? undefined : await row.problemOf?.(env, path, isGiven);
  return unfit === undefined
    ? finding
    : problem(check, unfit, `put one there that serves: no worker takes this`);
}

/** Cookies that are all expired serve nobody either. */
async function problemOfCookies(_: Environment, path: string): Promise<string | undefined> {
  return refusalIn(() => readCookiesOfFile(path, 'environment [FFHQ_COOKIES]'));
}

async function problemOfKey(_: Environment, path: string, isGiven: boolean): Promise<string | undefined> {
  return refusalIn(() => keyToLookBy({ path, isGiven }));
}

/** What a worker would be refused with. */
async function refusalIn(read: () => unknown): Promise<string | undefined> {
  try {
    await read();
    return undefined;
  } catch (error) {
    if (error instanceof CommandFailure) return error.message;
    throw error;
  }
}

function fileFinding(
  { check, variable, mayRead }: Credential,
  path: string,
  info: Stats,
  isGiven: boolean,
): Finding {
  const mode = (info.mode & 0o777).toString(8).padStart(3, '0');
  const found = `${path} (mode ${mode}, not shown)`;
  if (!info.isFile() || info.size === 0 || info.size > MOST_BYTES) {
    const got = info.isFile() ? `one of ${info.size} bytes` : 'something else';
    return problem(check, `${path}: expected a file with it, got ${got}`, `look at ${variable}`);
  }
  const tooOpen = mayRead === 'group' && isGiven ? 0o007 : 0o077;
  if ((info.mode & tooOpen) !== 0) return problem(check, `${found}: others can read it`, `chmod 600 ${path}`);
  const isOurs = process.getuid === undefined || info.uid === process.getuid();
  // A lab's key may be another user's, who lets this one read it.
  if (!isOurs && mayRead === 'group')
    return note(check, `${found}: of user ${info.uid}`, 'see that this is whom you trust with it');
  if (!isOurs)
    return problem(check, `${found}: of user ${info.uid}`, "chown it: workers take only their own user's");
  return ok(check, found);
}

function loginFile(env: Environment): string {
  const config = env.XDG_CONFIG_HOME;
  const folder = config !== undefined && isAbsolute(config) ? config : join(homedir(), '.config');
  return join(folder, 'ffhq/google-login.json');
}
