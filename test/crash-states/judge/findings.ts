import { allWays } from '../states/losses.ts';
import type { Verdict } from './judge-all.ts';
import { type Law, laws } from './laws.ts';

/** The same law broken in the same manner. */
export interface Finding {
  readonly law: Law;
  /** Of the first state, with names and numbers that differ between states left out. */
  readonly manner: string;
  /** Of the states where it happened. */
  readonly ids: readonly string[];
}

/** What was found, the most frequent first. */
export function findingsOf(verdicts: readonly Verdict[]): Finding[] {
  const findings = new Map<string, { law: Law; manner: string; ids: Set<string> }>();
  for (const { state, violations } of verdicts) {
    for (const { law, detail } of violations) {
      const manner = mannerOf(detail);
      const known = findings.get(`${law} ${manner}`);
      if (known) known.ids.add(state.id);
      else findings.set(`${law} ${manner}`, { law, manner, ids: new Set([state.id]) });
    }
  }
  return [...findings.values()]
    .map(({ law, manner, ids }) => ({ law, manner, ids: [...ids].sort() }))
    .sort((a, b) => b.ids.length - a.ids.length);
}

function mannerOf(detail: string): string {
  return detail
    .replace(/\/[^ ]*ffhq-crash-states[^ /]*\/\d+/, 'OUT')
    .replace(/\.w\d+(-[0-9a-z]+)+/g, '.WRITER')
    .replace(/\b[0-9a-f]{32}\b/g, 'MD5')
    .replace(/(new-|\.)[0-9a-f]{12}\b/g, '$1ID')
    .replace(/\b\d{5}\b/g, 'N')
    .replace(/position \d+/, 'position N')
    .slice(0, 200);
}

/** In lines: each law with what broke it, and where to look. */
export function findingLines(verdicts: readonly Verdict[], shown = 3): string[] {
  const findings = findingsOf(verdicts);
  return (Object.keys(laws) as Law[]).flatMap((law) => {
    const broken = findings.filter((finding) => finding.law === law);
    const states = new Set(broken.flatMap(({ ids }) => ids)).size;
    return [
      `${states === 0 ? 'holds' : 'BROKEN'}: ${laws[law]}${states === 0 ? '' : ` (not in ${states} states)`}`,
      ...broken.flatMap(({ manner, ids }) => [
        `  ${ids.length} x ${manner}`,
        `      ${ids.slice(0, shown).join('  ')}`,
      ]),
    ];
  });
}

/** How many states of each way to lose something break a law. */
export function wayLines(verdicts: readonly Verdict[]): string[] {
  return allWays.map((way) => {
    const all = verdicts.filter(({ state }) => state.way === way);
    const broken = all.filter(({ violations }) => violations.length > 0);
    return `  lost: ${way.padEnd(18)} ${String(all.length).padStart(5)} states, ${broken.length} of them break a law`;
  });
}
