import type { SourceRequest } from '../../domain/run/request.ts';
import type { Behaviour } from '../behaviours.ts';
import { startDriveStandIn } from '../drive-stand-in.ts';
import type { StandInFiles } from '../files.ts';
import { startHubStandIn } from '../hub/hub-stand-in.ts';
import { servedNames } from './served-names.ts';

/** A source other than Drive on this machine, and how a run asks for it. */
export interface ServedSource {
  readonly source: SourceRequest;
  readonly allowedHosts: readonly string[];
  /** Of the worker, in place of its own. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What is to be seen, in a line. */
  readonly said: string;
  readonly close: () => Promise<void>;
}

/**
 * How a source is served: as it is asked for, the files of the dataset, and what it has in place of some of them, and beside
 * them, in another encoding.
 */
type Way = (
  asked: SourceRequest,
  files: StandInFiles,
  reencoded: StandInFiles | undefined,
) => Promise<ServedSource>;

/** By the source's name. */
const ways: Readonly<Record<(typeof servedNames)[number], Way>> = {
  'http-mirror': (_, files) => serveMirrors(files),
  huggingface: serveHub,
};

/** Can what stands in for a source of that name have pictures in another encoding? */
export function canReencode(name: string): boolean {
  return name === 'huggingface';
}

/** Undefined: nothing here stands in for a source of that name. */
export async function serveAs(
  ...[asked, files, reencoded]: Parameters<Way>
): Promise<ServedSource | undefined> {
  const served = servedNames.find((one) => one === asked.name);
  return served && ways[served](asked, files, reencoded);
}

/** Where they are asked to be, so that the same command asks for the same: taken ones are given up for any. */
const FIRST_PORT = 28_411;

async function serveMirrors(files: StandInFiles): Promise<ServedSource> {
  const some = [...files.keys()].filter((_, nth) => nth % 2 === 0);
  const manners: readonly (readonly [ids: readonly string[], Behaviour | undefined])[] = [
    [['all'], { kind: 'flip-byte', at: 500 }],
    [some, { kind: 'missing' }],
    [[], undefined],
  ];
  const mirrors = await Promise.all(
    manners.map(async ([ids, behaviour], nth) => {
      const mirror = await atPort(FIRST_PORT + nth, (port) => startDriveStandIn({ files, port }));
      for (const id of ids) mirror.behave(id, behaviour);
      return mirror;
    }),
  );
  const [first, ...others] = mirrors.map(({ origin }) => origin);
  const more = others.map((origin, nth) => [`baseUrl${nth + 2}`, `${origin}/{path}`]);
  return {
    source: { name: 'http-mirror', baseUrl: `${first}/`, ...Object.fromEntries(more) },
    allowedHosts: mirrors.map(({ origin }) => new URL(origin).host),
    env: {},
    said: 'three mirrors: one gives wrong bytes, one has every other file, one is right; nothing is lost by the first two',
    close: async () => {
      await Promise.all(mirrors.map((mirror) => mirror.close()));
    },
  };
}

/** So few that a newcomer sees the wait. */
const LIMIT = { requests: 20, windowMs: 5_000 };

/** One commit for each state of the repository: what was known of one says nothing of the other. */
const REVISIONS = { plain: '5a'.repeat(20), reencoded: 'a5'.repeat(20) };

async function serveHub(...[asked, plain, reencoded]: Parameters<Way>): Promise<ServedSource> {
  const { layout = 'tree' } = asked;
  const repo = 'somebody/sample';
  const revision = REVISIONS[reencoded === undefined ? 'plain' : 'reencoded'];
  const files = new Map([...plain, ...(reencoded ?? [])]);
  const hub = await atPort(FIRST_PORT + 10, (port) =>
    startHubStandIn({
      files,
      repo,
      revision,
      limit: LIMIT,
      ...(port === 0 ? {} : { ports: [port, port + 1] }),
    }),
  );
  return {
    source: { name: 'huggingface', repo, revision, layout },
    allowedHosts: [hub.byteHost],
    // What stands in for the hub on this machine gets nobody's token.
    env: { HF_ENDPOINT: hub.origin, HF_TOKEN: undefined },
    said:
      (reencoded === undefined
        ? ''
        : 'a repository of lossless WebPs: they count by their pixels, and are stored as PNG; ') +
      `a hub that answers ${LIMIT.requests} requests in ${LIMIT.windowMs / 1000} s and says so in each answer: the run waits ` +
      'before it has to be refused',
    close: () => hub.close(),
  };
}

async function atPort<StandIn>(port: number, start: (port: number) => Promise<StandIn>): Promise<StandIn> {
  try {
    return await start(port);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    return start(0);
  }
}
