import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cycles, imports, roomsToday, root } from './import-graph.ts';
import { rooms } from './rooms.ts';

test('a room imports the rooms that the table permits, and permits none that it does not use', () => {
  const today = [...roomsToday()].sort(([a], [b]) => (a < b ? -1 : 1));
  expect(Object.fromEntries(today.map(([room, others]) => [room, [...others].sort()]))).toEqual(rooms);
});

test('ARCHITECTURE.md shows the same table', () => {
  const text = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');
  const section = /^## Rooms$([\s\S]*?)(^## |$(?![\s\S]))/m.exec(text)?.[1] ?? '';
  const rows = [...section.matchAll(/^\| `([^`]+)` \| (.*) \|$/gm)].map(([, room, others]) => [
    room,
    [...(others ?? '').matchAll(/`([^`]+)`/g)].map(([, other]) => other),
  ]);
  expect(Object.fromEntries(rows)).toEqual(rooms);
});

test('no folder needs itself over others, types included', () => {
  expect(cycles(roomsToday())).toEqual([]);
});

test('no file needs itself over others, types included', () => {
  const own = [...imports].map(
    ([file, all]) => [file, all.filter(({ isOwn }) => isOwn).map(({ to }) => to)] as const,
  );
  expect(cycles(new Map(own))).toEqual([]);
});
