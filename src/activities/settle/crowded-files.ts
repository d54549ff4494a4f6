import type { FileSpec } from '../../domain/dataset/file-spec.ts';
import type { FileFault } from './file-maker.ts';

/** Refusals of a file for the sake of others, in one attempt: 1024 at once become one by a quarter less each in 24. */
const MOST_TURNS = 30;

/**
 * Files that a source refused because it was asked for too many at once: they were not tried, and have their turn again
 * when fewer are asked for. Not without end: then they wait like any other that is held.
 */
export class CrowdedFiles<Spec extends FileSpec> {
  readonly #turns = new Map<Spec, number>();
  readonly #waiting = new Set<Spec>();

  /** May it have another turn? */
  keep(spec: Spec, fault: FileFault): boolean {
    const turns = this.#turns.get(spec) ?? 0;
    if (fault.isCrowded !== true || turns >= MOST_TURNS) return false;
    this.#turns.set(spec, turns + 1);
    this.#waiting.add(spec);
    return true;
  }

  /** Does a turn, and those that it leads to. */
  async inTurns(spec: Spec, turn: () => Promise<void>): Promise<void> {
    do await turn();
    while (this.#waiting.delete(spec));
  }
}

/** Each attempt begins with another file, so that none whose host sends all away again and again is always the first. */
export function inTurnOf<Spec>(specs: readonly Spec[], attempt: number): readonly Spec[] {
  const first = (attempt - 1) % Math.max(1, specs.length);
  return [...specs.slice(first), ...specs.slice(0, first)];
}
