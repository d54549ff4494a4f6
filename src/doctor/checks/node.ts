import { readFileSync } from 'node:fs';
import { type Answer, ok, problem } from '../finding.ts';

const CHECK = 'Node.js';

const { engines } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
  readonly engines: { readonly node: string };
};

/** The version of Node.js, against the oldest one that serves. */
export default async function checkNode(): Promise<Answer> {
  const { node } = process.versions;
  const oldest = engines.node.replace('>=', '');
  const found = `${node} for ${process.platform} ${process.arch}`;
  if (compare(node, oldest) >= 0) return { findings: [ok(CHECK, found)] };
  return {
    findings: [problem(CHECK, `${found}: expected ${oldest} or newer`, `install Node.js ${oldest} or newer`)],
  };
}

function compare(a: string, b: string): number {
  const [ours, theirs] = [a, b].map((version) => version.split('.').map(Number));
  for (let at = 0; at < 3; at++) {
    const difference = (ours?.[at] ?? 0) - (theirs?.[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
