import { expect, test } from 'vitest';
import { code, files, imports, offending } from './import-graph.ts';

/** Everything that comes along when these files are loaded. */
function reachable(from: readonly string[]): Set<string> {
  const seen = new Set<string>();
  const queue = [...from];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    for (const one of imports.get(name) ?? []) if (!one.isTypeOnly) queue.push(one.to);
  }
  return seen;
}

const inWorkflows = files.filter((name) => name.startsWith('workflows/'));

test('the reader of imports sees them', () => {
  expect(imports.get('workflows/process-shard.ts')?.some(({ to }) => to === 'domain/run/plan.ts')).toBe(true);
  expect(imports.get('workflows/activity-options.ts')).toContainEqual({
    to: 'activities/index.ts',
    isOwn: true,
    isTypeOnly: true,
  });
  expect(files.length).toBeGreaterThan(100);
});

test('workflows decide: nothing but the SDK, the domain, and the types of Activities', () => {
  expect(
    offending('workflows/', ({ to, isOwn, isTypeOnly }) => {
      if (!isOwn) return ['@temporalio/workflow', '@temporalio/common'].includes(to);
      return (
        to.startsWith('workflows/') ||
        to.startsWith('domain/') ||
        (isTypeOnly && to === 'activities/index.ts')
      );
    }),
  ).toEqual([]);
});

test('whatever a workflow brings along runs in the sandbox', () => {
  const all = [...reachable(inWorkflows)];
  expect(all.filter((name) => name.startsWith('node:') || name === 'domain/dataset/digest.ts')).toEqual([]);
  expect(all.filter((name) => !/^(workflows|domain)\/|^@temporalio\/(workflow|common)$/.test(name))).toEqual(
    [],
  );
});

test('the domain knows: nothing but itself, and digests in one file', () => {
  expect(
    offending(
      'domain/',
      ({ to }, file) =>
        to.startsWith('domain/') || (to === 'node:crypto' && file === 'domain/dataset/digest.ts'),
    ),
  ).toEqual([]);
  const impure = /\b(Date\.now|new Date\(\)|Math\.random|process\.|console\.|setTimeout|fetch\()/;
  expect(files.filter((name) => name.startsWith('domain/') && impure.test(code(name)))).toEqual([]);
});

test('Activities act with what they are given: no client, no commands, no workflows', () => {
  expect(
    offending('activities/', ({ to, isOwn, isTypeOnly }) => {
      if (!isOwn) return true;
      return to.startsWith('activities/') || to.startsWith('domain/') || (isTypeOnly && to === 'logger.ts');
    }),
  ).toEqual([]);
});

test('the environment is read in one place, or passed on whole', () => {
  const readers = files.filter((name) => /process\.env\b/.test(code(name)));
  const passesOn =
    /env: (\{ \.\.\.)?process\.env\b|\.\.\.process\.env\b|\(process\.env\)|(=|\?\?|:) process\.env\b/;
  const others = readers.filter((name) => {
    if (name === 'config.ts') return false;
    const lines = code(name)
      .split('\n')
      .filter((line) => line.includes('process.env'));
    return lines.some((line) => !passesOn.test(line) || /process\.env[.[]/.test(line));
  });
  expect(others).toEqual([]);
});

test('only one place makes failures for Temporal, and nobody but Temporal retries', () => {
  const makers = files.filter(
    (name) => name.startsWith('activities/') && /ApplicationFailure\.\w+\(/.test(code(name)),
  );
  expect(makers).toEqual(['activities/failures.ts']);
});

test('every relative import leads to a file', () => {
  const known = new Set(files);
  expect(offending('', ({ to, isOwn }) => !isOwn || known.has(to) || to === '../package.json')).toEqual([]);
});
