import type { Asked } from './checks/probe.ts';

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
const LONGER_MS = 30_000;

const disk = (todo: string) => ({
  patienceMs: DISK_MS,
  silence: { means: 'its disk does not answer (a share that is away, or a disk that hangs)', todo },
});

const network = {
  needsCertificates: true as const,
  patienceMs: LONGER_MS,
  silence: {
    means: 'the network does not answer',
    todo: 'look at the network, the name server and HTTPS_PROXY',
  },
};

const program = {
  patienceMs: LONGER_MS,
  silence: {
    means: 'it does not come to an end',
    todo: 'look at the load of this machine, and at its disks',
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
  { name: 'source google-drive', module: 'probe', asked: 'drive', ...network },
  { name: 'manifest', module: 'probe', asked: 'manifest', ...network },
  { name: 'credentials', module: 'credentials', ...disk('look at the disks of the files that they lie in') },
  {
    name: 'Temporal CLI',
    module: 'temporal-cli',
    ...disk('look at the folders of PATH, or set TEMPORAL_CLI_PATH'),
  },
  { name: 'Temporal server', module: 'temporal-server', ...program },
];
