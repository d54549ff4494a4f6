import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readConfig } from '../../src/config.ts';

/** The part of the resolved model that the laws are about. */
export interface ComposeModel {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

export interface ComposeService {
  readonly image?: string;
  readonly pull_policy?: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly command: readonly string[] | null;
  readonly entrypoint: readonly string[] | null;
  readonly environment?: Readonly<Record<string, string>>;
  readonly restart?: string;
  readonly user?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly cap_add?: readonly string[] | null;
  readonly security_opt?: readonly string[];
  readonly mem_limit?: string;
  readonly pids_limit?: number;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly ports?: readonly {
    readonly host_ip?: string;
    readonly published: string;
    readonly target: number;
  }[];
  readonly volumes?: readonly { readonly type: string; readonly source: string; readonly target: string }[];
}

export const root = fileURLToPath(new URL('../..', import.meta.url));
const source = join(root, 'tools/compose-check');

/** Why the parser cannot be built here, or undefined. */
export function withoutGo(): string | undefined {
  try {
    execFileSync('go', ['version'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'no Go on this machine';
  }
}

/** Builds the parser once for each of its versions: it takes a minute the first time. */
export function composeParser(): string {
  const digest = createHash('sha256');
  for (const name of ['main.go', 'go.mod', 'go.sum']) digest.update(readFileSync(join(source, name)));
  const folder = join(readConfig(process.env).cacheDir, 'compose-check');
  const file = join(folder, digest.digest('hex').slice(0, 16));
  if (existsSync(file)) return file;
  mkdirSync(folder, { recursive: true });
  const draft = `${file}.${process.pid}`;
  execFileSync('go', ['build', '-mod=readonly', '-o', draft, '.'], {
    cwd: source,
    stdio: 'pipe',
    env: { ...process.env, CGO_ENABLED: '0' },
  });
  renameSync(draft, file);
  return file;
}

/** The file as Docker would see it, with these variables and no others. */
export function resolveCompose(
  parser: string,
  file: string,
  variables: Record<string, string> = {},
): ComposeModel {
  const output = execFileSync(parser, [file], { env: variables, encoding: 'utf8', stdio: 'pipe', cwd: root });
  return JSON.parse(output) as ComposeModel;
}
