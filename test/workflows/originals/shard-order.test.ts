import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Folder } from '../../../src/domain/dataset/ids.ts';
import { windows } from '../../../src/domain/kinds.ts';
import { emptyTally } from '../../../src/domain/run/progress.ts';
import type { PendingShard } from '../../../src/domain/run/workflow-inputs.ts';
import {
  awaitsOriginals,
  hasCome,
  isItsTurn,
  withOriginals,
  withoutOriginals,
} from '../../../src/workflows/window/shard-order.ts';

/** An original: not there yet, under quota until some time, on the disk, or gone because its picture is there. */
interface Original {
  readonly size: number;
  readonly quotaUntil: number;
  state: 'absent' | 'there' | 'gone';
}

const PICTURE = 1;
const BOUND = 4;

/**
 * A run on a disk that can fill up. Time goes on by steps; a shard that is open works on one file a step, which shard's
 * turn it is comes from outside.
 */
class SimulatedRun {
  readonly folders: readonly { readonly name: Folder; readonly originals: readonly Original[] }[];
  pending: PendingShard[];
  open: { readonly shard: PendingShard; readonly toCome: boolean; fetched: number }[] = [];
  free: number;
  now = 0;
  mostHeld = 0;

  constructor(folders: readonly (readonly Original[])[], free: number) {
    this.folders = folders.map((originals, nth) => ({
      name: String(nth * 1000).padStart(5, '0') as Folder,
      originals,
    }));
    this.free = free;
    this.pending = this.folders.flatMap(({ name, originals }) =>
      (['wilds', 'align'] as const).map((kind) => ({
        ...{ kind, folder: name, files: originals.length, bytes: 0, doneFiles: 0, doneBytes: 0 },
      })),
    );
  }

  get isOver(): boolean {
    return this.open.length === 0 && this.pending.length === 0;
  }

  finish(choose: () => number): void {
    while (!this.isOver) {
      if (this.now > 20_000) throw new Error(`expected an end, got ${JSON.stringify(this.pending)}`);
      this.step(choose());
    }
  }

  step(choice: number): void {
    this.now++;
    this.start();
    const turn = this.open[choice % Math.max(1, this.open.length)];
    if (turn) this.work(turn);
    const held = this.folders.filter(({ originals }) => originals.some(({ state }) => state === 'there'));
    this.mostHeld = Math.max(this.mostHeld, held.length);
  }

  start(): void {
    for (;;) {
      const unsettled = { open: this.open.map(({ shard }) => shard), pending: this.pending };
      const next = this.pending.find((shard) => {
        const window = shard.kind === 'align' ? 'align' : 'download';
        const beside = this.open.filter(({ shard: { kind } }) => (kind === 'align') === (window === 'align'));
        return (
          beside.length < windows[window] &&
          (shard.until ?? 0) <= this.now &&
          isItsTurn(shard, unsettled, BOUND)
        );
      });
      if (next === undefined) return;
      this.pending = this.pending.filter((shard) => shard !== next);
      this.open.push({ shard: next, toCome: awaitsOriginals(next, unsettled), fetched: 0 });
    }
  }

  work(turn: (typeof this.open)[number]): void {
    const { shard, toCome } = turn;
    const { originals } = this.folders.find(
      ({ name }) => name === shard.folder,
    ) as (typeof this.folders)[number];
    if (shard.kind === 'align') {
      const face = originals.find(({ state }) => state === 'there');
      if (face) {
        // Room for one picture is always kept by those who fetch.
        this.free += face.size - PICTURE;
        face.state = 'gone';
        return;
      }
      this.end(turn, toCome ? withoutOriginals(shard) : undefined);
      return;
    }
    const due = originals.find(({ state, quotaUntil }) => state === 'absent' && quotaUntil <= this.now);
    if (due && this.free >= due.size + PICTURE * windows.align) {
      this.free -= due.size;
      due.state = 'there';
      turn.fetched++;
      return;
    }
    const waits = originals.filter(({ state }) => state === 'absent');
    const until = Math.min(...waits.map(({ quotaUntil }) => quotaUntil));
    this.end(turn, waits.length === 0 ? undefined : due ? shard : { ...shard, until });
  }

  end(turn: (typeof this.open)[number], left: PendingShard | undefined): void {
    const { shard, fetched } = turn;
    this.open = this.open.filter((other) => other !== turn);
    const before = shard.carried?.tally.fetchedFiles ?? 0;
    const tally = { ...emptyTally, fetchedFiles: before + fetched };
    if (hasCome(shard, tally)) this.pending = withOriginals(this.pending, shard);
    if (left) this.pending.push({ ...left, carried: { tally, settledIds: '', signalsSent: 0 } });
  }
}

const original = fc.record({
  size: fc.integer({ min: 1, max: 9 }),
  quotaUntil: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 300 })),
});
const dataset = fc.array(fc.array(original, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 12 });

test('whatever waits for a quota and however full the disk: the bound is kept, and every face is aligned', () => {
  fc.assert(
    fc.property(
      dataset,
      fc.integer({ min: 0, max: 30 }),
      fc.infiniteStream(fc.nat()),
      (sizes, room, choices) => {
        const pictures = sizes.flat().length * PICTURE;
        // Room for one original beside everything that stays: less is nothing that anybody could work with.
        const run = new SimulatedRun(
          sizes.map((folder) => folder.map((file) => ({ ...file, state: 'absent' }))),
          pictures + 9 + windows.align * PICTURE + room,
        );
        run.finish(() => choices.next().value as number);
        expect(run.folders.flatMap(({ originals }) => originals).every(({ state }) => state === 'gone')).toBe(
          true,
        );
        expect(run.mostHeld).toBeLessThanOrEqual(BOUND);
      },
    ),
    { numRuns: 300 },
  );
});

test('files under quota in every folder keep no folder from being fetched', () => {
  const later = { size: 5, quotaUntil: 1_000_000, state: 'absent' } as const;
  const run = new SimulatedRun(
    Array.from({ length: 10 }, () => [{ size: 5, quotaUntil: 0, state: 'absent' }, { ...later }]),
    1_000,
  );
  while (run.now < 1_000) run.step(run.now);
  const states = run.folders.flatMap(({ originals }) => originals.map(({ state }) => state));
  expect(states.filter((state) => state === 'gone').length).toBe(10);
  expect(run.mostHeld).toBeLessThanOrEqual(BOUND);
});

test('originals that an earlier run left behind are aligned before more are fetched', () => {
  const run = new SimulatedRun(
    Array.from({ length: 6 }, () => [
      { size: 5, quotaUntil: 0, state: 'there' },
      { size: 5, quotaUntil: 0, state: 'absent' },
    ]),
    1_000,
  );
  run.pending = run.pending.map((shard) =>
    shard.kind === 'align' ? { ...shard, holdsOriginals: true } : shard,
  );
  run.start();
  expect(run.open.every(({ shard }) => shard.kind === 'align')).toBe(true);
  run.finish(() => run.now);
  expect(run.mostHeld).toBeLessThanOrEqual(6);
});
