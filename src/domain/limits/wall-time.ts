/** A time of every day (`08:00`), or of one day of the week (`Sat-08:00`). */
export interface WallTime {
  readonly text: string;
  /** Minutes since Monday, 00:00. */
  readonly weekMinutes: readonly number[];
}

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const DAY = 24 * 60;

/** Undefined: it is none. */
export function parsedTime(text: string): WallTime | undefined {
  const [, day, hours, minutes] = /^(?:([a-z]{3})-)?([01]?\d|2[0-3]):([0-5]\d)$/i.exec(text) ?? [];
  if (hours === undefined || minutes === undefined) return undefined;
  const minute = Number(hours) * 60 + Number(minutes);
  const clock = `${hours.padStart(2, '0')}:${minutes}`;
  if (day === undefined) return { text: clock, weekMinutes: DAYS.map((_, index) => index * DAY + minute) };
  const index = DAYS.findIndex((name) => name.toLowerCase() === day.toLowerCase());
  return index < 0 ? undefined : { text: `${DAYS[index]}-${clock}`, weekMinutes: [index * DAY + minute] };
}

/** Minutes since Monday, 00:00, as clocks of the zone show it at `now` (ms since the epoch). */
export function weekMinuteAt(now: number, zone: string): number {
  const parts = clockOf(zone).formatToParts(now);
  const of = (type: string) => parts.find((part) => part.type === type)?.value ?? '';
  return Math.max(0, DAYS.indexOf(of('weekday'))) * DAY + Number(of('hour')) * 60 + Number(of('minute'));
}

/** Making one costs a millisecond. */
let last: { readonly zone: string; readonly clock: Intl.DateTimeFormat } | undefined;

function clockOf(zone: string): Intl.DateTimeFormat {
  if (last?.zone !== zone) last = { zone, clock: makeClock(zone) };
  return last.clock;
}

/** A host that does not know the zone goes by UTC: better than by no timetable. */
function makeClock(zone: string): Intl.DateTimeFormat {
  const shape = { weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  try {
    return new Intl.DateTimeFormat('en-GB', { ...shape, timeZone: zone });
  } catch {
    return new Intl.DateTimeFormat('en-GB', { ...shape, timeZone: 'UTC' });
  }
}
