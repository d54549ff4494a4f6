/** Figures and texts as people read them, everywhere. */

import { quotedLine } from '../quoting/quoted.ts';

/** Binary units by their proper names: 1 GiB = 1024 MiB. Whole bytes: a rate is a fraction, and nobody wants that of a byte. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = Math.round(bytes);
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(value < 10 ? 2 : 1)} ${units[unit]}`;
}

/** `70,000`. */
export function formatCount(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `1 file`, `70,000 files`. */
export function formatFiles(count: number): string {
  return `${formatCount(count)} ${count === 1 ? 'file' : 'files'}`;
}

/** A share from 0 to 1, which is 100 % only when it is 1. */
export function formatPercent(share: number): string {
  const percent = share >= 1 ? 100 : Math.min(99.9, Math.floor(share * 1000) / 10);
  return `${percent.toFixed(1)} %`;
}

/** The two largest units of so many seconds: `1h 01m`. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const days = Math.floor(whole / 86_400);
  const hours = Math.floor((whole % 86_400) / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  if (days > 0) return `${days}d ${hours}h`;
  if (hours > 0) return `${hours}h ${String(minutes).padStart(2, '0')}m`;
  if (minutes > 0) return `${minutes}m ${String(whole % 60).padStart(2, '0')}s`;
  return `${whole}s`;
}

/** ISO 8601 as people read it: `2026-01-31 22:05:59 UTC`. */
export function formatTime(iso: string): string {
  return `${iso.slice(0, 19).replace('T', ' ')} UTC`;
}

/** One line of text from elsewhere (a server, a file name), so that it cannot move the cursor or fill the screen. */
export function oneLine(text: string, limit = 200): string {
  return quotedLine(text, limit);
}
