import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { Connection } from '../../cli/connection.ts';
import { loadExample } from '../../cli/example.ts';

/** Data rows of each model: enough to train and to judge, small enough for hundreds. */
const ROWS = 1500;
const UPLOADS_AT_ONCE = 20;

/** A model of the flights example under a name of its own. */
export interface ModelFiles {
  readonly model: string;
  readonly definition: string;
  readonly data: string;
}

/** Clones of the flights example: less data, fewer steps, and a gate that little data passes. */
export async function cloneFlights(count: number): Promise<ModelFiles[]> {
  const example = await loadExample('flight-delays');
  const definition = readFileSync(join(example.folder, 'model.yaml'), 'utf8')
    .replace('steps: 200', 'steps: 40')
    .replace('atLeast: 0.58', 'atLeast: 0.5');
  const data = example.trainingFile
    .text()
    .split('\n')
    .slice(0, ROWS + 1)
    .join('\n');
  return Array.from({ length: count }, (_, i) => {
    const model = `flights-${String(i + 1).padStart(3, '0')}`;
    return { model, definition: definition.replace('model: flight-delays', `model: ${model}`), data: `${data}\n` };
  });
}

/** Uploads every definition, then every dataset, many at a time. */
export async function uploadAll({ s3, prefix, account }: Connection, models: readonly ModelFiles[]): Promise<void> {
  const Bucket = `${prefix}-intake-${account}`;
  const put = (Key: string, Body: string) => s3.send(new PutObjectCommand({ Bucket, Key, Body }));
  await eachOf(models, ({ model, definition }) => put(`models/${model}/model.yaml`, definition));
  await eachOf(models, ({ model, data }) => put(`models/${model}/data/train.csv`, data));
}

/** Runs work for each item, some at a time. */
export async function eachOf<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  const waiting = items.values();
  const worker = async () => {
    for (const item of waiting) await work(item);
  };
  await Promise.all(Array.from({ length: UPLOADS_AT_ONCE }, worker));
}
