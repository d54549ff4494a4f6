import { formatBytes as formatWholeBytes } from '../domain/words/report.ts';

/** Figures as people read them in the terminal; bytes as everywhere else in the project. */

/** Rates are fractions; nobody wants those of a byte. */
export function formatBytes(bytes: number): string {
  return formatWholeBytes(Math.round(bytes));
}

export function formatCount(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}

export function formatFiles(count: number): string {
  return `${formatCount(count)} ${count === 1 ? 'file' : 'files'}`;
}

export function formatPercent(share: number): string {
  // Not 100 before everything is done.
  const percent = share >= 1 ? 100 : Math.min(99.9, Math.floor(share * 1000) / 10);
  return `${percent.toFixed(1)} %`;
}

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

export function formatBar(share: number, width: number): string {
  const filled = Math.max(0, Math.min(width, Math.floor(share * width)));
  return `${'#'.repeat(filled)}${'.'.repeat(width - filled)}`;
}

const controlCharacters = /\p{Cc}/gu;

/** One line of text from elsewhere (a server, a file name), so that it cannot move the cursor or fill the screen. */
export function oneLine(text: string, limit = 200): string {
  const clean = text.replace(controlCharacters, ' ').replace(/\s+/g, ' ').trim();
  return clean.length > limit ? `${clean.slice(0, limit - 3)}...` : clean;
}
