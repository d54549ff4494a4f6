import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Slots } from '../../../src/domain/run/slots.ts';
import { bundleSlots } from '../../../src/temporal/slot-supplier.ts';
import { eventually } from '../../support/eventually.ts';

const never = new AbortController().signal;

/** Work that ends when the test says so. */
function gate() {
  let open = () => {};
  const work = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open: () => open(), work: () => work };
}

test('no more weight is in use at a time than there is, whatever the weights', async () => {
  const weights = fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(weights, fc.integer({ min: 1, max: 10 }), async (all, capacity) => {
      const slots = new Slots(capacity);
      let used = 0;
      let finished = 0;
      await Promise.all(
        all.map((weight) =>
          slots.use(weight, never, async () => {
            used += Math.min(weight, capacity);
            expect(used).toBeLessThanOrEqual(capacity);
            await Promise.resolve();
            used -= Math.min(weight, capacity);
            finished++;
          }),
        ),
      );
      expect(finished).toBe(all.length);
      expect(slots.used).toBe(0);
      expect(slots.waiting).toBe(0);
    }),
    { seed: 1, numRuns: 50 },
  );
});

test('a big one waits its turn and is not overtaken by small ones', async () => {
  const slots = new Slots(4);
  const order: string[] = [];
  const first = gate();
  const holding = slots.use(3, never, first.work);
  const big = slots.use(100, never, async () => void order.push('big'));
  const small = slots.use(1, never, async () => void order.push('small'));
  expect(slots.waiting).toBe(2);
  first.open();
  await Promise.all([holding, big, small]);
  expect(order).toEqual(['big', 'small']);
});

test('who gives up while waiting takes nothing along, and lets those behind go', async () => {
  const slots = new Slots(2);
  const first = gate();
  const holding = slots.use(1, never, first.work);
  const givesUp = new AbortController();
  const big = slots.use(2, givesUp.signal, async () => 'ran');
  const small = slots.use(1, never, async () => 'ran');
  givesUp.abort(new Error('gave up'));
  await expect(big).rejects.toThrow('gave up');
  await expect(small).resolves.toBe('ran');
  first.open();
  await holding;
  expect(slots.used).toBe(0);
  await expect(slots.use(1, givesUp.signal, async () => 'ran')).rejects.toThrow('gave up');
});

test('work that throws gives its slot back', async () => {
  const slots = new Slots(1);
  await expect(
    slots.use(1, never, async () => {
      throw new Error('broken');
    }),
  ).rejects.toThrow('broken');
  await expect(slots.use(1, never, async () => 'ran')).resolves.toBe('ran');
});

test('a worker takes bundles while its files do not queue, and takes again when they have drained', async () => {
  const files = new Slots(2);
  const flows = { waitingActivities: 0 };
  const supplier = bundleSlots({ fileSlots: files, flows }, 2);
  const info = { slotType: 'activity' } as Parameters<typeof supplier.tryReserveSlot>[0];
  const first = gate();
  const work = Array.from({ length: 6 }, () => files.use(1, never, first.work));
  expect(files.waiting).toBe(4);
  expect(supplier.tryReserveSlot(info)).toBeNull();
  const abandoned = new AbortController();
  const waits = supplier.reserveSlot(info, abandoned.signal);
  abandoned.abort();
  await expect(waits).rejects.toThrow();
  const patient = supplier.reserveSlot(info, never);
  first.open();
  await Promise.all(work);
  expect(await patient).toEqual({});
  // However idle, there is an end to it.
  let taken = 1;
  while (supplier.tryReserveSlot(info) !== null) taken++;
  expect(taken).toBeLessThanOrEqual(64);
  // Those that only wait are in nobody's way.
  flows.waitingActivities = taken;
  expect(supplier.tryReserveSlot(info)).not.toBeNull();
  taken++;
  await eventually('a slot given back to be taken again', () => {
    supplier.releaseSlot({ ...info, permit: {} } as unknown as Parameters<typeof supplier.releaseSlot>[0]);
    return supplier.tryReserveSlot(info) !== null;
  });
});
