import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { STATE_FOLDER } from '../../src/domain/dataset/layout.ts';
import { parsePartialName } from '../../src/domain/dataset/partial-name.ts';
import { freePort } from '../../src/server/free-port.ts';
import type { Collection } from './collection.ts';
import { Ledger } from './figures/ledger.ts';
import { Recoveries } from './figures/recoveries.ts';
import { type Clock, makeClock } from './machine/clock.ts';
import { layNetwork, type Network } from './machine/network.ts';
import { mountSmallDisk, type SmallDisk } from './machine/small-disk.ts';
import { type Origin, openOrigin } from './origin.ts';
import { Parts } from './parts.ts';

export interface SceneOptions {
  readonly collection: Collection;
  /** The Temporal CLI. */
  readonly executable: string;
  readonly diskMebibytes: number;
  /** How long a file takes, alone and undisturbed. */
  readonly secondsAFile: number;
}

/** Everything that can be struck, and who counts what comes of it. */
export interface Scene {
  /** State, logs, and the small disk. */
  readonly folder: string;
  readonly parts: Parts;
  readonly network: Network;
  readonly disk: SmallDisk;
  readonly clock: Clock;
  readonly origin: Origin;
  readonly ledger: Ledger;
  readonly recoveries: Recoveries;
  /** What this machine cannot do, and what is done instead. */
  readonly impossible: readonly string[];
  /** `keep`: the programs' logs, and their own records of each folder. */
  close(keep: boolean): Promise<void>;
}

/** Programs look for the end of a file's quota this often. */
const QUOTA_SECONDS = 3;

/** An origin, a way to it, a disk, a clock, and no program yet. */
export async function openScene(options: SceneOptions): Promise<Scene> {
  const folder = mkdtempSync(join(tmpdir(), 'ffhq-chaos-'));
  const origin = await openOrigin(options.collection.files, options.secondsAFile);
  const network = await layNetwork(origin.port);
  const disk = mountSmallDisk(join(folder, 'disk'), options.diskMebibytes);
  const clock = makeClock(folder);
  const parts = new Parts({
    folder,
    prefix: network.prefix,
    env: {
      ...(await environment(folder, network.origin, options.executable)),
      FFHQ_CHAOS_ARCHIVE: JSON.stringify(options.collection.archive),
    },
    clockEnv: clock.env,
  });
  const ledger = new Ledger(origin.drive, options.collection.files, (file) =>
    bytesOnDisk(join(disk.folder, options.collection.places.get(file) ?? '')),
  );
  return {
    folder,
    parts,
    network,
    disk,
    clock,
    origin,
    ledger,
    recoveries: new Recoveries(ledger, () => parts.startedAt),
    impossible: [
      ...(network.prefix.length > 0 ? [] : ['no network namespace: a relay refuses instead']),
      ...(disk.canFill ? [] : ['no small file system: the disk never fills']),
      ...(clock.canJump ? [] : ['no libfaketime: the clock never jumps']),
    ],
    close: async (keep) => {
      await parts.end();
      await network.close();
      await origin.drive.close();
      // What the programs had noted of each folder explains what went wrong there.
      if (keep)
        for (const name of namesIn(disk.folder).filter((one) =>
          existsSync(join(disk.folder, one, STATE_FOLDER)),
        ))
          cpSync(join(disk.folder, name, STATE_FOLDER), join(folder, 'noted', name), { recursive: true });
      disk.close();
      if (!keep) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function environment(
  folder: string,
  googleOrigin: string,
  executable: string,
): Promise<Record<string, string>> {
  const kept = Object.entries(process.env).filter(
    ([name, value]) =>
      value !== undefined && !/^(TEMPORAL_|FFHQ_|npm_|INIT_CWD|NODE_OPTIONS|VITEST)/i.test(name),
  );
  const port = await freePort(10_000 + ((process.pid * 97) % 20_000));
  return {
    ...(Object.fromEntries(kept) as Record<string, string>),
    XDG_STATE_HOME: join(folder, 'state'),
    XDG_CACHE_HOME: join(folder, 'cache'),
    XDG_CONFIG_HOME: join(folder, 'config'),
    TEMPORAL_CLI_PATH: executable,
    FFHQ_SERVER_PORT: String(port),
    FFHQ_UI_PORT: String(await freePort(port + 1)),
    FFHQ_GOOGLE_ORIGIN: googleOrigin,
    FFHQ_QUOTA_WAIT: String(QUOTA_SECONDS),
    // Blocks of seconds, in place of minutes.
    FFHQ_WAITS_DIVIDED_BY: '150',
  };
}

/** Of a file, or of the largest of its unfinished ones. */
function bytesOnDisk(path: string): number {
  const whole = sizeOf(path);
  if (whole !== undefined) return whole;
  const target = basename(path);
  const names = namesIn(dirname(path)).filter((name) => parsePartialName(name)?.target === target);
  return Math.max(0, ...names.map((name) => sizeOf(join(dirname(path), name)) ?? 0));
}

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

function sizeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.size;
}
