import type { DeclaredFeature } from '../../domain/drift/baseline.ts';
import { readNumber, type Value } from '../../domain/drift/profile-builder.ts';
import { UsageError } from '../output.ts';
import type { TableFile } from './table-files.ts';

/**
 * `x:numeric,y:categorical`: the columns to compare, with their types.
 *
 * @throws {UsageError} another form, an unknown type or a column twice
 */
export function parseFeatures(text: string): DeclaredFeature[] {
  const features = text.split(',').map((part): DeclaredFeature => {
    const colon = part.lastIndexOf(':');
    const [name, type] = [part.slice(0, colon).trim(), part.slice(colon + 1).trim()];
    if (colon < 1 || (type !== 'numeric' && type !== 'categorical')) {
      throw new UsageError(`expected NAME:numeric or NAME:categorical, got "${part}"`);
    }
    return { name, type, forced: true };
  });
  if (new Set(features.map(({ name }) => name)).size !== features.length) {
    throw new UsageError(`expected each column once in --features, got ${text}`);
  }
  return features;
}

/** Reads a file once to learn its columns: numeric where every value is a number, and there is one. */
export async function inferFeatures(file: TableFile): Promise<DeclaredFeature[]> {
  const seen = new Map<string, { numbers: number; texts: number }>();
  for await (const batch of file.rows) {
    for (const row of batch) {
      for (const [name, value] of row) {
        const column = seen.get(name) ?? { numbers: 0, texts: 0 };
        seen.set(name, column);
        if (isText(value)) column.texts += 1;
        else if (value !== null) column.numbers += 1;
      }
    }
  }
  return file.columns().map((name) => {
    const column = seen.get(name);
    return { name, type: column && column.numbers > 0 && column.texts === 0 ? 'numeric' : 'categorical' };
  });
}

const isText = (value: Value): boolean => typeof value === 'string' && readNumber(value) === undefined;
