import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';

const NUMERIC = 10;
const CATEGORICAL = 10;

const range = (count: number) => Array.from({ length: count }, (_, i) => i);

/** A definition for what `generateDataset` writes. */
export const datasetDefinition = (split: 'time' | 'file', format: 'csv' | 'parquet'): string => `schema: launchway/v1
model: bench
owner: owner@example.com
team: operations
tier: standard
problem: { type: binary-classification, target: y, positiveClass: "1" }
columns: { id: id, timestamp: at }
features: [${[...range(NUMERIC).map((i) => `{ name: n${i}, type: numeric }`), ...range(CATEGORICAL).map((i) => `{ name: c${i}, type: categorical }`)].join(', ')}]
data: { format: ${format}, test: { split: ${split} } }
training: { image: "launchway/bench:1" }
`;

/** Writes rows of an id, a time, 20 features and a target, about 160 bytes each; the same ones every time. */
export async function generateDataset(path: string, from: number, to: number): Promise<void> {
  const out = createWriteStream(path);
  const names = [...range(NUMERIC).map((i) => `n${i}`), ...range(CATEGORICAL).map((i) => `c${i}`)];
  let text = `id,at,${names.join(',')},y\n`;
  let state = from + 1;
  const random = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
  for (let row = from; row < to; row++) {
    const numbers = range(NUMERIC).map(random);
    const categories = range(CATEGORICAL).map(() => Math.floor(random() * 20));
    const y = numbers.reduce((sum, value) => sum + value, 0) + random() * 4 > 7 ? 1 : 0;
    const at = new Date(Date.UTC(2020, 0, 1) + row * 1000).toISOString();
    text += `row-${row},${at},${numbers.map((value) => (value * 1000).toFixed(2)).join(',')},${categories.map((value) => `cat${value}`).join(',')},${y}\n`;
    if (text.length > 1024 * 1024) {
      if (!out.write(text)) await once(out, 'drain');
      text = '';
    }
  }
  out.end(text);
  await finished(out);
}
