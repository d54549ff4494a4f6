import type { Asked } from './question.ts';

/** A check: a module of `checks/`, which answers in a process of its own. */
export interface Check {
  /** As its first finding names it; for when it does not answer. */
  readonly name: string;
  /** Of its file in `checks/`. */
  readonly module: string;
  /** Milliseconds after which it is left alone, with the start of its process. */
  readonly patienceMs: number;
  /** What is wrong when it does not answer, and what to do. */
  readonly silence: { readonly means: string; readonly todo: string };
  /** For modules that serve several checks. */
  readonly asked?: Asked;
  /** Waits for what `--ca-file` brings. */
  readonly needsCertificates?: true;
}

const DISK_MS = 8_000;
const PROGRAM_MS = 12_000;
/** Checks that ask others give up by themselves, and say why, before that. */
const NETWORK_MS = 20_000;
const SERVER_MS = 15_000;

const disk = (todo: string) => ({
  patienceMs: DISK_MS,
  silence: { means: 'its disk does not answer (a share that is away, or a disk that hangs)', todo },
});

const program = {
  patienceMs: PROGRAM_MS,
  silence: {
    means: 'it, or a disk that it needs, does not answer',
    todo: 'look at the load of this machine, and at the folders of PATH',
  },
};

const network = {
  patienceMs: NETWORK_MS,
  needsCertificates: true as const,
  silence: {
    means: 'the network does not answer',
    todo: 'look at the network, the name server and HTTPS_PROXY',
  },
};

const server = {
  patienceMs: SERVER_MS,
  silence: {
    means: 'neither it, nor the disk of its settings (temporal.toml, XDG_STATE_HOME), answers',
    todo: 'look at the mounts, at --address and the network',
  },
};

/** `--ca-file`; others may need what it brings. */
export const certificates: Check = {
  name: 'CA certificates',
  module: 'certificates',
  ...disk('give a file on another disk with --ca-file'),
};

/** In the order in which they are shown. */
export const checks: readonly Check[] = [
  { name: 'Node.js', module: 'node', ...program },
  { name: 'sharp', module: 'picture-library', ...program },
  { name: 'dataset folder', module: 'dataset-folder', ...disk('look at the mount, or give another --out') },
  { name: 'state folder', module: 'state-folder', ...disk('look at the mount, or set XDG_STATE_HOME') },
  { name: 'cache folder', module: 'cache-folder', ...disk('look at the mount, or set XDG_CACHE_HOME') },
  { name: 'proxy', module: 'proxy', ...program },
  { name: 'IPv4 and IPv6', module: 'address-families', ...network },
  { name: 'source', module: 'probe', asked: 'source', ...network },
  { name: 'Google Drive', module: 'probe', asked: 'drive', ...network },
  { name: 'manifest', module: 'probe', asked: 'manifest', ...network },
  { name: 'credentials', module: 'credentials', ...disk('look at the disks of the files that they lie in') },
  {
    name: 'Temporal CLI',
    module: 'temporal-cli',
    ...disk('look at the folders of PATH, or set TEMPORAL_CLI_PATH'),
  },
  { name: 'Temporal server', module: 'temporal-server', ...server },
];
