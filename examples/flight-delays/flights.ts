import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** One flight of January to March 2001, as a row of the data set. */
export interface Flight {
  /** Stable: departure, origin and destination, and a number where two share them. */
  readonly flight_id: string;
  /** ISO 8601. The source has the origin's local time without a zone; it is written as if it were UTC. */
  readonly scheduled_at: string;
  /** 0–23, local. */
  readonly hour: number;
  /** `Mon` … `Sun`. */
  readonly weekday: string;
  /** Miles. */
  readonly distance: number;
  /** IATA code. */
  readonly origin: string;
  readonly destination: string;
  /** `1`: arrived more than 15 minutes late. */
  readonly delayed: '0' | '1';
}

interface SourceRow {
  readonly date: string;
  readonly delay: number;
  readonly distance: number;
  readonly origin: string;
  readonly destination: string;
}

/** Columns that a caller sends, in the order that model.yaml declares. */
export const FEATURES = ['hour', 'weekday', 'distance', 'origin', 'destination'] as const;
const COLUMNS = ['flight_id', 'scheduled_at', ...FEATURES, 'delayed'] as const;
const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;
const LATE_MINUTES = 15;
const CLOSED_HUBS = 7;

/** All 20,000 flights in order of departure (US Bureau of Transportation Statistics, from the npm package vega-datasets). */
export function readFlights(): Flight[] {
  // The package exports only its program, which fetches; the data lies beside it.
  const program = createRequire(import.meta.url).resolve('vega-datasets');
  const file = join(dirname(program), '..', 'data', 'flights-20k.json');
  const rows = JSON.parse(readFileSync(file, 'utf8')) as SourceRow[];
  const seen = new Map<string, number>();
  return rows.map((row) => toFlight(row, seen));
}

/** @param month `2001-01`, `2001-02` or `2001-03` */
export const flightsOf = (month: string): Flight[] =>
  readFlights().filter((flight) => flight.scheduled_at.startsWith(month));

/** Quiet traffic: February in order. */
export const quietFlights = (count: number): Flight[] => take(flightsOf('2001-02'), count, 'quiet');

/**
 * A storm: real flights of March in order, without those that depart from or arrive at the seven busiest airports of
 * January. No such storm happened: it is a selection of rows, and every row in it is as it was recorded.
 */
export function stormFlights(count: number): Flight[] {
  const closed = new Set(busiestAirports(flightsOf('2001-01'), CLOSED_HUBS));
  const left = flightsOf('2001-03').filter(
    ({ origin, destination }) => !closed.has(origin) && !closed.has(destination),
  );
  return take(left, count, 'storm');
}

/** By departures and arrivals, the busiest first. */
export function busiestAirports(flights: readonly Flight[], count: number): string[] {
  const movements = new Map<string, number>();
  for (const airport of flights.flatMap(({ origin, destination }) => [origin, destination])) {
    movements.set(airport, (movements.get(airport) ?? 0) + 1);
  }
  const sorted = [...movements].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return sorted.slice(0, count).map(([airport]) => airport);
}

/** The data set as an upload: UTF-8 CSV with a header. No value needs quotes. */
export const toCsv = (flights: readonly Flight[]): string =>
  `${[COLUMNS.join(','), ...flights.map((flight) => COLUMNS.map((column) => flight[column]).join(','))].join('\n')}\n`;

/** A flight as the body of a request: the features in declared order, without header. */
export const toRequest = (flight: Flight): string => FEATURES.map((feature) => flight[feature]).join(',');

function toFlight({ date, delay, distance, origin, destination }: SourceRow, seen: Map<string, number>): Flight {
  const scheduled_at = `${date.replaceAll('/', '-').replace(' ', 'T')}:00Z`;
  const scheduled = new Date(scheduled_at);
  const key = `${date.replace(/[/:]/g, '').replace(' ', '-')}-${origin}-${destination}`;
  const times = (seen.get(key) ?? 0) + 1;
  seen.set(key, times);
  return {
    flight_id: times === 1 ? key : `${key}-${times}`,
    scheduled_at,
    hour: scheduled.getUTCHours(),
    weekday: WEEKDAYS[scheduled.getUTCDay()]!,
    distance,
    origin,
    destination,
    delayed: delay > LATE_MINUTES ? '1' : '0',
  };
}

function take(flights: readonly Flight[], count: number, what: string): Flight[] {
  if (count > flights.length) throw new RangeError(`expected at most ${flights.length} ${what} flights, got ${count}`);
  return flights.slice(0, count);
}
