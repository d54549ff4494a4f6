import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { SaysLines } from './domain/failure/said-lines.ts';
import { defaultGoogleQuota, type GoogleQuota, parseGoogleQuota } from './domain/flow/google-quota.ts';
import { SECRET_IN_BASE64 } from './domain/network/notify-secret.ts';
import { isLoopback, type ProxySettings, readProxies } from './domain/network/proxies.ts';
import { readTokens, type Tokens } from './domain/network/tokens.ts';

/**
 * Everything that the environment decides, read once. Connection settings (TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE,
 * TEMPORAL_API_KEY, TLS, profiles in temporal.toml) are read by `@temporalio/envconfig` in `temporal/connection.ts`.
 */
export interface Config {
  /** Task Queue of workflows and downloads. FFHQ_TASK_QUEUE @default 'ffhq' */
  readonly taskQueue: string;
  /** Where the Temporal UI answers, for links. FFHQ_TEMPORAL_UI @default derived from the server in use */
  readonly uiAddress: string | undefined;
  /** An executable of the Temporal CLI to use for the embedded server. TEMPORAL_CLI_PATH */
  readonly temporalCliPath: string | undefined;
  /** Ports of the embedded server; moved when taken. FFHQ_SERVER_PORT, FFHQ_UI_PORT @default 7233, 8233 */
  readonly serverPort: number;
  readonly uiPort: number;
  /** Where Google's hosts really lead, as an http(s) origin; for tests and mirrors of Drive. FFHQ_GOOGLE_ORIGIN */
  readonly googleOrigin: string | undefined;
  /** What Google's API bears: FFHQ_GOOGLE_QUOTA @default 12,000 requests a minute */
  readonly googleQuota: GoogleQuota;
  /** Seconds that a file under quota waits when the source names no wait. FFHQ_QUOTA_WAIT @default 3600 */
  readonly quotaWaitSeconds: number;
  /** What all waits for a source that refused are divided by; for tests. FFHQ_WAITS_DIVIDED_BY @default 1 */
  readonly waitsDividedBy: number;
  /** Where this host sees the dataset folder, when not where the client saw it. FFHQ_OUT */
  readonly out: string | undefined;
  /** fatal, error, warn, info, debug, trace. FFHQ_LOG_LEVEL @default 'warn' */
  readonly logLevel: string;
  /** HTTP_PROXY, HTTPS_PROXY, NO_PROXY, in lower case too: what sources are asked through. Holds passwords; never printed. */
  readonly proxies: ProxySettings;
  /** FFHQ_TOKENS: what mirrors and other servers ask for, by server; never printed. */
  readonly tokens: Tokens;
  /** FFHQ_NOTIFY_SECRET: what notices are signed with (`whsec_` and base64, or any text); never printed. */
  readonly notifySecret: string | undefined;
  /** A file with Google's cookies, where no flag names one. FFHQ_COOKIES */
  readonly cookieFile: string | undefined;
  /** XDG_CACHE_HOME/ffhq and XDG_STATE_HOME/ffhq */
  readonly cacheDir: string;
  readonly stateDir: string;
  /** Where the key lies that inputs are signed with. FFHQ_KEY_FILE @default `input-key` in the state folder, made at need */
  readonly keyFile: { readonly path: string; readonly isGiven: boolean };
}

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];

/** Shorter ones are guessed: characters, or the bytes of one in base64. */
const LEAST_SECRET = 16;

/** What is wrong with a secret that notices are signed with, without repeating it. */
function problemOfNotifySecret(secret: string): string | undefined {
  if (!secret.startsWith(SECRET_IN_BASE64))
    return secret.length < LEAST_SECRET
      ? `expected at least ${LEAST_SECRET} characters, got ${secret.length}`
      : undefined;
  const text = secret.slice(SECRET_IN_BASE64.length);
  const key = Buffer.from(text, 'base64');
  const got = key.toString('base64') === text ? `${key.length} bytes` : 'something else';
  const expected = `${SECRET_IN_BASE64} and at least ${LEAST_SECRET} bytes in base64`;
  return got === 'something else' || key.length < LEAST_SECRET
    ? `expected ${expected}, got ${got}`
    : undefined;
}

export class ConfigError extends Error implements SaysLines {
  override readonly name = 'ConfigError';
  readonly lines: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.lines = problems;
  }
}

/** Throws one ConfigError that lists every problem. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const problems: string[] = [];
  const text = (name: string): string | undefined => (env[name] === '' ? undefined : env[name]);
  const port = (name: string, byDefault: number): number => {
    const value = text(name);
    if (value === undefined) return byDefault;
    if (/^[0-9]+$/.test(value) && Number(value) >= 1 && Number(value) <= 65_535) return Number(value);
    problems.push(`environment [${name}]: expected a port, 1 to 65535, got ${value}`);
    return byDefault;
  };
  const seconds = (name: string, byDefault: number): number => {
    const value = text(name);
    if (value === undefined) return byDefault;
    if (/^[0-9]+$/.test(value) && Number(value) >= 1 && Number(value) <= 86_400) return Number(value);
    problems.push(`environment [${name}]: expected seconds, 1 to 86400, got ${value}`);
    return byDefault;
  };
  const divisor = (name: string): number => {
    const value = text(name);
    if (value === undefined) return 1;
    if (/^[0-9]+$/.test(value) && Number(value) >= 1 && Number(value) <= 10_000) return Number(value);
    problems.push(`environment [${name}]: expected a whole number, 1 to 10000, got ${value}`);
    return 1;
  };
  const origin = (name: string): string | undefined => {
    const value = text(name);
    if (value === undefined) return undefined;
    const url = URL.canParse(value) ? new URL(value) : undefined;
    if (url && /^https?:$/.test(url.protocol) && !url.username && !url.password)
      return value.replace(/\/+$/, '');
    problems.push(`environment [${name}]: expected an http(s) URL without credentials`);
    return undefined;
  };
  const quota = (name: string): GoogleQuota => {
    const value = text(name);
    if (value === undefined) return defaultGoogleQuota;
    const read = parseGoogleQuota(value);
    if ('quota' in read) return read.quota;
    problems.push(`environment [${name}]: ${read.problem}`);
    return defaultGoogleQuota;
  };
  const logLevel = text('FFHQ_LOG_LEVEL') ?? 'warn';
  if (!LOG_LEVELS.includes(logLevel)) {
    problems.push(`environment [FFHQ_LOG_LEVEL]: expected ${LOG_LEVELS.join(', ')}, got ${logLevel}`);
  }
  const stateDir = stateDirOf(env);
  // Commands and workers begin in other folders, where the same words would name another file.
  const absolutePath = (name: string): string | undefined => {
    const value = text(name);
    if (value !== undefined && !isAbsolute(value)) problems.push(noPath(name));
    return value;
  };
  const keyFile = absolutePath('FFHQ_KEY_FILE');
  const notifySecret = text('FFHQ_NOTIFY_SECRET');
  const ofSecret = notifySecret === undefined ? undefined : problemOfNotifySecret(notifySecret);
  if (ofSecret !== undefined) problems.push(`environment [FFHQ_NOTIFY_SECRET]: ${ofSecret}`);
  const googleOrigin = origin('FFHQ_GOOGLE_ORIGIN');
  problems.push(...problemsOfCredentials(text, googleOrigin));
  const proxies = readProxies(env);
  const { tokens, problems: ofTokens } = readTokens(env);
  problems.push(...proxies.problems, ...ofTokens);
  const config: Config = Object.freeze({
    taskQueue: text('FFHQ_TASK_QUEUE') ?? 'ffhq',
    uiAddress: origin('FFHQ_TEMPORAL_UI'),
    temporalCliPath: text('TEMPORAL_CLI_PATH'),
    serverPort: port('FFHQ_SERVER_PORT', 7233),
    uiPort: port('FFHQ_UI_PORT', 8233),
    googleOrigin,
    googleQuota: quota('FFHQ_GOOGLE_QUOTA'),
    quotaWaitSeconds: seconds('FFHQ_QUOTA_WAIT', 3_600),
    waitsDividedBy: divisor('FFHQ_WAITS_DIVIDED_BY'),
    out: text('FFHQ_OUT'),
    cookieFile: absolutePath('FFHQ_COOKIES'),
    logLevel,
    proxies: proxies.settings,
    tokens,
    notifySecret,
    cacheDir: join(xdgFolder(env.XDG_CACHE_HOME, '.cache'), 'ffhq'),
    stateDir,
    keyFile: { path: keyFile ?? usualKeyFile(env), isGiven: keyFile !== undefined },
  });
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}

/** Repeats nothing: somebody may have put there what belongs into the file. */
function noPath(name: string): string {
  return `environment [${name}]: expected an absolute path, got another text`;
}

/** Of a key nothing is repeated, and what signs goes to no other machine than Google's. */
function problemsOfCredentials(
  text: (name: string) => string | undefined,
  googleOrigin: string | undefined,
): readonly string[] {
  const problems: string[] = [];
  const key = text('FFHQ_GOOGLE_API_KEY');
  if (key !== undefined && !/^[\x21-\x7e]{6,1024}$/.test(key))
    problems.push('environment [FFHQ_GOOGLE_API_KEY]: expected an API key, got something else');
  const files = ['FFHQ_GOOGLE_API_KEY_FILE', 'FFHQ_GOOGLE_LOGIN', 'FFHQ_GOOGLE_SERVICE_ACCOUNT'];
  for (const name of files) {
    const path = text(name);
    if (path !== undefined && !isAbsolute(path)) problems.push(noPath(name));
  }
  if (key !== undefined && text('FFHQ_GOOGLE_API_KEY_FILE') !== undefined)
    problems.push('environment [FFHQ_GOOGLE_API_KEY_FILE]: expected it alone, got FFHQ_GOOGLE_API_KEY too');
  if (
    [key, ...files.map(text)].some((value) => value !== undefined) &&
    googleOrigin !== undefined &&
    !isLoopback(new URL(googleOrigin).hostname)
  )
    problems.push(
      'environment [FFHQ_GOOGLE_ORIGIN]: expected none, or one on this machine, since a credential is set, got another',
    );
  return problems;
}

/** Where the key lies that inputs are signed with, where FFHQ_KEY_FILE names no other place. */
export function usualKeyFile(env: Readonly<Record<string, string | undefined>>): string {
  return join(stateDirOf(env), 'input-key');
}

function stateDirOf({ XDG_STATE_HOME }: Readonly<Record<string, string | undefined>>): string {
  return join(xdgFolder(XDG_STATE_HOME, '.local/state'), 'ffhq');
}

/** The XDG specification: a relative path is to be ignored. */
function xdgFolder(named: string | undefined, byDefault: string): string {
  return named !== undefined && isAbsolute(named) ? named : join(homedir(), byDefault);
}
