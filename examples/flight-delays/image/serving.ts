import { createServer, type IncomingMessage, type Server } from 'node:http';
import { parse } from 'csv-parse/sync';
import type { Model } from './model.ts';
import { DataError } from './schema.ts';

/** InvokeEndpoint sends at most 6 MB, batch transform at most 100 MB. */
const MOST_BYTES = 100 * 2 ** 20;

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** SageMaker's two routes: `/ping`, and `/invocations` from headerless CSV rows to one score per line. */
export const createScoringServer = (model: Model): Server =>
  createServer((request, response) => {
    void answer(model, request).then(({ status, type, body }) => {
      response.writeHead(status, { 'content-type': type }).end(body);
    });
  });

async function answer(model: Model, request: IncomingMessage): Promise<Answer> {
  const route = `${request.method} ${request.url}`;
  if (route === 'GET /ping') return text(200, '');
  if (route !== 'POST /invocations') return text(404, `no route ${route}`);
  const type = (request.headers['content-type'] ?? '').split(';')[0]!.trim();
  if (type !== 'text/csv') return text(415, `expected content type text/csv, got '${type}'`);
  try {
    return { status: 200, type: 'text/csv', body: scoreCsv(model, await readBody(request)) };
  } catch (error) {
    if (error instanceof DataError) return text(400, error.message);
    console.error(error);
    return text(500, 'internal error');
  }
}

/**
 * @param csv rows without header, features in declared order
 * @returns one score per line, in order
 * @throws {DataError} naming the row
 */
export function scoreCsv(model: Model, csv: string): string {
  let rows: string[][];
  try {
    rows = parse(csv, { relax_column_count: true, skip_empty_lines: true }) as string[][];
  } catch (error) {
    throw new DataError(`expected CSV: ${(error as Error).message}`);
  }
  if (rows.length === 0) throw new DataError('expected at least one row, got none');
  return model.score(rows).map(String).join('\n');
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) throw new DataError(`expected at most ${MOST_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

const text = (status: number, body: string): Answer => ({ status, type: 'text/plain; charset=utf-8', body });
