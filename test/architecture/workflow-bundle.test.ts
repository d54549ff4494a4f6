import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from './import-graph.ts';

test('the built workflow bundle holds no built-in of Node and no package but the SDK`s', () => {
  const bundle = readFileSync(join(root, 'dist/workflow-bundle.js'), 'utf8');
  for (const type of ['buildDataset', 'processShard', 'fetchLargeFile']) expect(bundle).toContain(type);
  const modules = [...bundle.matchAll(/"(?:\.\/)?node_modules\/((?:@[\w.-]+\/)?[\w.-]+)\//g)].map(
    ([, name]) => name,
  );
  expect(modules).toContain('@temporalio/workflow');
  const allowed = /^(@temporalio\/\w+|long|ms|nexus-rpc|protobufjs|@protobufjs\/\w+)$/;
  expect([...new Set(modules)].filter((name) => !allowed.test(name ?? ''))).toEqual([]);
  expect(bundle).not.toMatch(
    /\brequire\("(node:)?(fs|crypto|path|http|https|os|net|child_process|stream)(\/\w+)?"\)/,
  );
});
