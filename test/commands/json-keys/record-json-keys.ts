import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type Tour, tourOfVerbs } from './every-verb.ts';
import { mergeShapes } from './shape.ts';

/*
 * Records the exit codes and the keys of `--output json` that `json-keys.test.ts` holds, and adds them to what is
 * recorded already: `node tools/record-upgrade.mjs <checkout, built> <name>`. What depends on the moment comes in by
 * recording several times.
 */

const file = new URL('./json-keys.json', import.meta.url);

test('the tour of all verbs', async () => {
  const { exitCodes, shapes } = await tourOfVerbs(process.env.FFHQ_UPGRADE_CHECKOUT);
  const known: Tour = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { exitCodes, shapes: {} };
  expect(exitCodes).toEqual(known.exitCodes);
  const merged = Object.entries(shapes).map(([scene, shape]) => [
    scene,
    mergeShapes(known.shapes[scene] ?? shape, shape),
  ]);
  writeFileSync(file, `${JSON.stringify({ exitCodes, shapes: Object.fromEntries(merged) }, undefined, 2)}\n`);
}, 600_000);
