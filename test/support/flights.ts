import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One flight of the package's data: US, January to March 2001. */
interface Flight {
  readonly date: string;
  readonly delay: number;
  readonly distance: number;
  readonly origin: string;
  readonly destination: string;
}

const file = join('node_modules', 'vega-datasets', 'data', 'flights-20k.json');

/** The 20,000 flights in the order of their dates. */
export const flights = (): Flight[] =>
  (JSON.parse(readFileSync(file, 'utf8')) as Flight[]).sort((a, b) => (a.date < b.date ? -1 : a.date > b.date ? 1 : 0));

export const FLIGHT_FEATURES = [
  { name: 'hour', type: 'numeric' },
  { name: 'weekday', type: 'categorical' },
  { name: 'distance', type: 'numeric' },
  { name: 'origin', type: 'categorical' },
  { name: 'destination', type: 'categorical' },
] as const;

/** A flight as a caller sends it: values as text, in the order of FLIGHT_FEATURES. */
export const flightRow = ({ date, distance, origin, destination }: Flight): string[] => [
  String(Number(date.slice(11, 13))),
  String(new Date(`${date.slice(0, 10).replaceAll('/', '-')}T00:00:00Z`).getUTCDay()),
  String(distance),
  origin,
  destination,
];

/** January trains; February's first 2,000 are quiet; the storm is every later flight that avoids the seven busiest hubs. */
export function flightSeasons() {
  const all = flights();
  const january = all.filter(({ date }) => date.startsWith('2001/01'));
  const february = all.filter(({ date }) => date.startsWith('2001/02'));
  const visits = new Map<string, number>();
  for (const { origin, destination } of january) {
    for (const airport of [origin, destination]) visits.set(airport, (visits.get(airport) ?? 0) + 1);
  }
  const hubs = new Set(
    [...visits]
      .sort(([, a], [, b]) => b - a)
      .slice(0, 7)
      .map(([airport]) => airport),
  );
  const later = all.filter(({ date }) => date >= february[2_000]!.date);
  return {
    training: january.slice(0, 5_000),
    quiet: february.slice(0, 2_000),
    storm: later.filter(({ origin, destination }) => !hubs.has(origin) && !hubs.has(destination)),
  };
}
