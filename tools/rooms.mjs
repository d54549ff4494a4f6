// Prints which room of src imports which, as it is; with --write puts it into ARCHITECTURE.md and the test's table,
// so that a review sees what changed. Run it with `npm run rooms`.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { roomsToday, root } from '../test/architecture/import-graph.ts';

const rooms = [...roomsToday()]
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([room, to]) => [room, [...to].sort()]);
const quoted = (names) => names.map((name) => `\`${name}\``).join(', ');
const table = [
  '| room | may import |',
  '|---|---|',
  ...rooms.map(([room, to]) => `| \`${room}\` | ${quoted(to)} |`),
];

if (process.argv[2] !== '--write') console.log(table.join('\n'));
else {
  const page = join(root, 'ARCHITECTURE.md');
  const text = readFileSync(page, 'utf8');
  const old = /(?<=^## Rooms$[^|]*)(^\|.*\n)+/m;
  if (!old.test(text))
    throw new Error('ARCHITECTURE.md: expected a table below the heading "Rooms", got none');
  writeFileSync(
    page,
    text.replace(old, () => `${table.join('\n')}\n`),
  );
  const home = join(root, 'test/architecture/rooms.ts');
  const head = '/** Which rooms a room may import; the same table stands in ARCHITECTURE.md. */\n';
  const body = `export const rooms: Readonly<Record<string, readonly string[]>> = ${JSON.stringify(Object.fromEntries(rooms), null, 2)};\n`;
  writeFileSync(home, head + body);
  execFileSync(process.execPath, [
    join(root, 'node_modules/@biomejs/biome/bin/biome'),
    'check',
    '--write',
    home,
  ]);
}
