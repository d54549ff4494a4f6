import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import {
  bootId,
  machineId,
  type ProcessRef,
  pidSpace,
  processStart,
  thisProcess,
} from '../process/process-ref.ts';

/** What a client's or worker's identity says about its process. */
export interface Identity extends Pick<ProcessRef, 'pid' | 'start' | 'boot'> {
  readonly host: string;
  /** Tells machines and containers apart that share a host name: pids of one mean nothing in the other. */
  readonly place: string;
}

const SHAPE = /^(\d+)@([^/]+)\/([0-9a-f]{8})\/([0-9a-f]{8}|unknown)\/(\d+|unknown)$/;

/** The identity of this process, as Temporal shows it: `pid@host/place/boot/start`. */
export function workerIdentity(): string {
  const { pid, start, boot } = thisProcess();
  return `${pid}@${thisHost()}/${thisPlace()}/${boot}/${start}`;
}

/** Undefined for an identity that {@link workerIdentity} did not make. */
export function parseIdentity(text: string): Identity | undefined {
  const [, pid, host, place, boot, start] = SHAPE.exec(text) ?? [];
  if (!pid || !host || !place || !boot || !start) return undefined;
  return { pid: Number(pid), host, place, boot, start };
}

/** True only when the identity is surely that of a process of this host that runs no more. */
export function isDeadProcessOfThisHost(identity: string): boolean {
  const who = parseIdentity(identity);
  if (!who || who.host !== thisHost() || who.place !== thisPlace()) return false;
  const boot = bootId();
  if (who.boot !== boot && who.boot !== 'unknown' && boot !== 'unknown') return true;
  if (who.boot !== boot || who.start === 'unknown') return false;
  const start = processStart(who.pid);
  return start !== 'unknown' && start !== who.start;
}

function thisHost(): string {
  return hostname().replace(/[^\w.-]/g, '_') || 'localhost';
}

function thisPlace(): string {
  const parts = [machineId(), pidSpace()];
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 8);
}
