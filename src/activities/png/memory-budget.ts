import { totalmem } from 'node:os';
import { Slots } from '../../domain/run/slots.ts';

/** Where `work` begins once so many bytes are free; more than there are at all are the whole of it, and run alone. */
export interface MemoryBudget {
  use<Result>(bytes: number, signal: AbortSignal, work: () => Promise<Result>): Promise<Result>;
}

/** Any machine has this much for pictures. */
const LEAST_BYTES = 1024 ** 3;

/**
 * Memory for pictures that are not worked on row by row, in all threads of a process together: half of what the machine, or
 * the container, has. Whoever makes threads hands one budget to all of them.
 */
export function makeMemoryBudget(bytes: number = Math.max(LEAST_BYTES, memoryThere() / 2)): MemoryBudget {
  return new Slots(bytes);
}

function memoryThere(): number {
  const machine = totalmem();
  // Where nothing confines the process, this is 0, or more than any machine has.
  const confined = process.constrainedMemory();
  return confined > 0 ? Math.min(machine, confined) : machine;
}
