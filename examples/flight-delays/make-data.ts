import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { flightsOf, toCsv } from './flights.ts';

// node examples/flight-delays/make-data.ts DIRECTORY
const [directory] = process.argv.slice(2);
if (!directory) {
  console.error('usage: node examples/flight-delays/make-data.ts DIRECTORY');
  process.exit(2);
}
mkdirSync(directory, { recursive: true });
const january = flightsOf('2001-01');
writeFileSync(join(directory, 'train.csv'), toCsv(january));
console.log(`${join(directory, 'train.csv')}: ${january.length} flights of January 2001`);
