import { setTimeout as sleep } from 'node:timers/promises';
import { processStart } from '../../src/process/process-ref.ts';
import type { Fault, FaultKind } from './faults.ts';
import { send } from './parts.ts';
import type { Scene } from './scene.ts';

type Lasting = Extract<Fault, { readonly seconds: number }>;

/** Brings faults about; the lasting ones end by themselves, and two of one kind are not there at once. */
export class Strikes {
  readonly #scene: Scene;
  readonly #lasting = new Map<FaultKind, Promise<void>>();
  readonly #end = new AbortController();
  readonly counts = new Map<string, number>();

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  /** False: it could not be, because such a fault is there already, nobody runs, or this machine cannot do it. */
  strike(fault: Fault): boolean {
    const done = this.#strike(fault);
    if (done) this.counts.set(fault.kind, (this.counts.get(fault.kind) ?? 0) + 1);
    return done;
  }

  #strike(fault: Fault): boolean {
    const { parts, clock, disk, ledger, recoveries } = this.#scene;
    switch (fault.kind) {
      case 'kill': {
        const pids = parts.pidsOf(fault.target);
        if (pids.length === 0) return false;
        const mark = ledger.mark;
        for (const pid of pids) send(pid, 'SIGKILL');
        ledger.meet('kill');
        recoveries.begin(fault.target, mark);
        return true;
      }
      case 'clock':
        if (clock.canJump) clock.set(fault.offsetSeconds);
        return clock.canJump;
      case 'disk':
        return disk.canFill && this.#last(fault);
      case 'stop':
        return parts.pidsOf(fault.target).length > 0 && this.#last(fault);
      case 'network':
      case 'origin':
        return this.#last(fault);
      default:
        return fault satisfies never;
    }
  }

  #last(fault: Lasting): boolean {
    if (this.#lasting.has(fault.kind)) return false;
    const { recoveries } = this.#scene;
    recoveries.hinder();
    const over = this.#hold(fault).finally(() => {
      this.#lasting.delete(fault.kind);
      recoveries.unhinder();
    });
    this.#lasting.set(fault.kind, over);
    return true;
  }

  async #hold(fault: Lasting): Promise<void> {
    const { parts, network, disk, origin } = this.#scene;
    switch (fault.kind) {
      case 'stop': {
        const pids = parts.pidsOf(fault.target);
        for (const pid of pids) send(pid, 'SIGSTOP');
        // Those who are killed meanwhile are not stopped any more.
        await this.#during(fault.seconds, 'stop', () => pids.every((pid) => processStart(pid) === undefined));
        for (const pid of pids) send(pid, 'SIGCONT');
        return;
      }
      case 'network':
        network.cut(fault.side);
        await this.#during(fault.seconds, 'network');
        network.mend();
        return;
      case 'disk':
        disk.fill(fault.leftBytes);
        await this.#during(fault.seconds, 'disk');
        disk.free();
        return;
      case 'origin':
        origin.misbehave(fault.how, fault.atByte);
        await this.#during(fault.seconds, 'origin');
        origin.behave();
        return;
      default:
        fault satisfies never;
    }
  }

  async #during(
    seconds: number,
    cause: 'stop' | 'network' | 'disk' | 'origin',
    isOver: () => boolean = () => false,
  ): Promise<void> {
    const until = performance.now() + seconds * 1000;
    const { ledger } = this.#scene;
    while (performance.now() < until && !this.#end.signal.aborted && !isOver()) {
      ledger.meet(cause);
      await sleep(100);
    }
    ledger.meet(cause);
  }

  /** Ends what lasts and puts the clock right. */
  async calm(): Promise<void> {
    this.#end.abort();
    await Promise.all(this.#lasting.values());
    this.#scene.clock.set(0);
  }
}
