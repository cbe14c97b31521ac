import { closeSync, mkdirSync, openSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { randomFrom } from '../captures/random.ts';

const AIRPORTS = [
  'ORD',
  'DFW',
  'ATL',
  'LAX',
  'EWR',
  'MSP',
  'CLT',
  'DEN',
  'LAS',
  'PHL',
  'SFO',
  'DTW',
  'BOS',
  'PIT',
  'LGA',
];
const LINES_AT_ONCE = 2_000;

/** A captured request of the flights model: hour, weekday, distance, origin, destination. */
function record(random: () => number): string {
  const airport = (): string => AIRPORTS[Math.floor(random() ** 1.5 * AIRPORTS.length)]!;
  const hex = (Math.floor(random() * 2 ** 48) + 2 ** 48).toString(16).slice(1);
  const row = `${Math.floor(random() * 24)},${1 + Math.floor(random() * 7)},${Math.floor(80 + random() ** 2 * 2_500)},${airport()},${airport()}`;
  return `{"captureData":{"endpointInput":{"observedContentType":"text/csv","mode":"INPUT","data":"${row}","encoding":"CSV"},"endpointOutput":{"observedContentType":"text/csv; charset=utf-8","mode":"OUTPUT","data":"${random().toFixed(6)}\\n","encoding":"CSV"}},"eventMetadata":{"eventId":"${hex.slice(0, 8)}-4e0b-4c59-a01b-${hex}","inferenceTime":"2026-02-01T10:00:00Z"},"eventVersion":"0"}\n`;
}

/** Writes the records to files of equal size, in the order of their names. */
export function writeFlightCaptures(
  folder: string,
  records: number,
  files: number,
): { readonly path: string; readonly bytes: number }[] {
  mkdirSync(folder, { recursive: true });
  const random = randomFrom(7);
  return Array.from({ length: files }, (_, i) => {
    const path = join(folder, `${String(i).padStart(2, '0')}.jsonl`);
    const file = openSync(path, 'w');
    let left = Math.floor(records / files) + (i < records % files ? 1 : 0);
    for (; left > 0; left -= LINES_AT_ONCE) {
      const lines = Array.from({ length: Math.min(left, LINES_AT_ONCE) }, () => record(random));
      writeSync(file, lines.join(''));
    }
    closeSync(file);
    return { path, bytes: statSync(path).size };
  });
}
