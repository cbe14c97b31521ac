import { closeSync, existsSync, mkdirSync, openSync, renameSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Baseline, BaselineBuilder, type DeclaredFeature } from '../../domain/drift/baseline.ts';
import { normalFrom, randomFrom } from './random.ts';

/** 35 features as a table of a business has them: measures, amounts, counts, flags and categories. */
export const FEATURES: readonly DeclaredFeature[] = Array.from({ length: 35 }, (_, i) => ({
  name: `f${i}`,
  type: i % 5 === 4 ? ('categorical' as const) : ('numeric' as const),
}));

const CITIES = ['Berlin', 'Dublin', 'Hamburg', 'London', 'Lyon', 'Madrid', 'Oslo', 'Paris', 'Porto', 'Wien', 'Zürich'];

/** One field of a row, as a client would write it. */
function field(column: number, random: () => number): string {
  switch (column % 5) {
    case 0:
      return (normalFrom(random) * 12 + column).toFixed(4);
    case 1:
      return Math.exp(normalFrom(random) + 4).toFixed(2);
    case 2:
      return String(Math.floor(random() * 5_000));
    case 3:
      return random() < 0.02 ? '' : random().toFixed(6);
    default:
      return column < 20 ? CITIES[Math.floor(random() ** 2 * CITIES.length)]! : `c${Math.floor(random() ** 3 * 195)}`;
  }
}

const row = (random: () => number): string[] => FEATURES.map((_, column) => field(column, random));

/** The baseline that the generated captures are profiled over: 10,000 rows of the same distributions. */
export function generateBaseline(): Baseline {
  const random = randomFrom(1);
  const builder = new BaselineBuilder(FEATURES);
  for (let i = 0; i < 10_000; i++) builder.row(row(random).map((value) => (value === '' ? null : value)));
  return builder.finish();
}

/** A line of data capture with one row, as SageMaker writes it. */
function record(id: number, random: () => number): string {
  const hex = (Math.floor(random() * 2 ** 48) + 2 ** 48).toString(16).slice(1);
  return `{"captureData":{"endpointInput":{"observedContentType":"text/csv","mode":"INPUT","data":"${row(random).join(',')}","encoding":"CSV"},"endpointOutput":{"observedContentType":"text/csv; charset=utf-8","mode":"OUTPUT","data":"${random().toFixed(6)}\\n","encoding":"CSV"}},"eventMetadata":{"eventId":"${hex.slice(0, 8)}-4e0b-4c59-a01b-${hex}","inferenceId":"order-${String(id).padStart(9, '0')}","inferenceTime":"2026-02-01T10:00:00Z"},"eventVersion":"0"}\n`;
}

/** Writes the captures once; a file that is there is used again. @returns its size in bytes */
export function generateCaptures(path: string, records: number, seed: number): number {
  if (existsSync(path)) return statSync(path).size;
  mkdirSync(dirname(path), { recursive: true });
  const random = randomFrom(seed);
  const file = openSync(`${path}.part`, 'w');
  for (let from = 0; from < records; from += 1_000) {
    const lines = Array.from({ length: Math.min(1_000, records - from) }, (_, i) => record(from + i, random));
    writeSync(file, lines.join(''));
  }
  closeSync(file);
  renameSync(`${path}.part`, path);
  return statSync(path).size;
}
