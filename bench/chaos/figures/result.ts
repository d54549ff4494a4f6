import type { Target } from '../faults.ts';
import type { Round } from '../round.ts';
import type { Verdict } from './judge.ts';

/** Seconds from a restart to the first new byte, of those kills that were not overtaken by the next. */
interface Seconds {
  readonly kills: number;
  readonly median: number;
  readonly p99: number;
  readonly most: number;
}

export interface Result {
  readonly seed: number;
  readonly rounds: number;
  readonly minutes: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly files: number;
  readonly wrong: number;
  readonly lost: number;
  readonly originalsKept: number;
  readonly litter: number;
  readonly wrongClaims: number;
  readonly stalls: number;
  readonly bytesSent: number;
  readonly bytesTwice: number;
  readonly bytesInFlight: Readonly<Record<string, number>>;
  /** Bytes twice beyond what was in flight of that very file. */
  readonly bytesUnexplained: number;
  readonly unexplained: readonly string[];
  readonly firstByte: Readonly<Record<Target | 'any', Seconds | undefined>>;
  readonly overtaken: number;
  readonly givenAgain: Readonly<Record<string, number>>;
  readonly impossible: readonly string[];
  /** What must not be; empty: every promise was kept. */
  readonly violations: readonly string[];
}

export function sumUp(seed: number, rounds: readonly Round[]): Result {
  const sum = (of: (round: Round) => number) => rounds.reduce((total, round) => total + of(round), 0);
  const inVerdicts = (of: (verdict: Verdict) => readonly string[]) =>
    sum(({ verdicts }) => verdicts.reduce((total, verdict) => total + of(verdict).length, 0));
  const recoveries = rounds.flatMap(({ recoveries: all }) => all);
  const secondsOf = (target?: Target) =>
    spread(
      recoveries.filter((one) => target === undefined || one.target === target).map((one) => one.seconds),
    );
  const unexplained = rounds.flatMap(({ bytes }) => bytes.unexplained);
  const figures = {
    seed,
    rounds: rounds.length,
    minutes: sum(({ seconds }) => seconds) / 60,
    faults: added(rounds.map(({ counts }) => counts)),
    files: sum(({ files }) => files),
    wrong: inVerdicts(({ wrong }) => wrong),
    lost: inVerdicts(({ lost }) => lost),
    originalsKept: inVerdicts(({ kept }) => kept),
    litter: inVerdicts(({ litter }) => litter),
    wrongClaims: sum(({ wrongClaims }) => wrongClaims),
    stalls: sum(({ stalls }) => stalls),
    bytesSent: sum(({ bytes }) => bytes.sent),
    bytesTwice: sum(({ bytes }) => bytes.twice),
    bytesInFlight: added(rounds.map(({ bytes }) => new Map(Object.entries(bytes.inFlight)))),
    bytesUnexplained: unexplained.reduce((total, { bytes }) => total + bytes, 0),
    unexplained: unexplained.map(({ file, bytes }) => `${file}: ${bytes}`),
    firstByte: {
      any: secondsOf(),
      worker: secondsOf('worker'),
      command: secondsOf('command'),
      server: secondsOf('server'),
      all: secondsOf('all'),
    },
    overtaken: sum(({ overtaken }) => overtaken),
    givenAgain: added(rounds.map(({ givenAgain }) => givenAgain)),
    impossible: [...new Set(rounds.flatMap(({ impossible }) => impossible))],
  };
  return { ...figures, violations: violationsIn(figures) };
}

function violationsIn(figures: Omit<Result, 'violations'>): string[] {
  const none = ['wrong', 'lost', 'originalsKept', 'litter', 'wrongClaims', 'stalls'] as const;
  const inFlight = Object.values(figures.bytesInFlight).reduce((total, bytes) => total + bytes, 0);
  return [
    ...none.filter((name) => figures[name] !== 0).map((name) => `${name}: expected 0, got ${figures[name]}`),
    ...(figures.bytesTwice > inFlight
      ? [`bytes twice: expected at most the ${inFlight} in flight, got ${figures.bytesTwice}`]
      : []),
  ];
}

function added(maps: readonly ReadonlyMap<string, number>[]): Record<string, number> {
  const total: Record<string, number> = {};
  for (const map of maps) for (const [name, count] of map) total[name] = (total[name] ?? 0) + count;
  return total;
}

function spread(values: readonly number[]): Seconds | undefined {
  if (values.length === 0) return undefined;
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  return { kills: sorted.length, median: at(0.5), p99: at(0.99), most: at(1) };
}

/** The result as a table in Markdown. */
export function tableOf(result: Result): string {
  const mib = (bytes: number) => `${(bytes / 1024 ** 2).toFixed(1)} MiB`;
  const listed = (counts: Readonly<Record<string, number>>, say = String as (count: number) => string) =>
    Object.entries(counts)
      .map(([name, count]) => `${name} ${say(count)}`)
      .join(', ') || 'none';
  const seconds = (of: Seconds | undefined) =>
    of === undefined
      ? 'not measured'
      : `median ${of.median.toFixed(1)}, 99 % ${of.p99.toFixed(1)}, most ${of.most.toFixed(1)} (${of.kills} kills)`;
  const rows: readonly (readonly [string, string])[] = [
    ['seed, rounds, minutes', `${result.seed}, ${result.rounds}, ${result.minutes.toFixed(1)}`],
    ['faults', listed(result.faults)],
    ['files that had to be there, or to have served', String(result.files)],
    ['files wrong / lost', `${result.wrong} / ${result.lost}`],
    ['originals not discarded / unfinished files left', `${result.originalsKept} / ${result.litter}`],
    ['commands that wrongly said success', String(result.wrongClaims)],
    ['times nothing moved for 150 s', String(result.stalls)],
    ['bytes handed out', mib(result.bytesSent)],
    ['bytes fetched twice', mib(result.bytesTwice)],
    ['bytes in flight when a fault came, by fault', listed(result.bytesInFlight, mib)],
    ['bytes fetched twice beyond what was in flight of that very file', mib(result.bytesUnexplained)],
    ['seconds to the first new byte, any kill', seconds(result.firstByte.any)],
    ...(['worker', 'command', 'server', 'all'] as const).map(
      (target) => [`- SIGKILL of ${target}`, seconds(result.firstByte[target])] as const,
    ),
    ['kills overtaken by the next before a byte came', String(result.overtaken)],
    ['commands that ended without success and were given again, by exit code', listed(result.givenAgain)],
    ...result.impossible.map((what) => ['not possible on this machine', what] as const),
    ['violations', result.violations.join('; ') || 'none'],
  ];
  return ['| what | figure |', '|---|---|', ...rows.map(([what, figure]) => `| ${what} | ${figure} |`)].join(
    '\n',
  );
}
