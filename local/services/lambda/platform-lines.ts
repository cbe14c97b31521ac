import type { FunctionRecord } from './function-record.ts';

/** What Lambda itself writes around one invocation. */
export interface PlatformLines {
  readonly start: string;
  /** After the function's own lines; durations in milliseconds. */
  end(measured: {
    readonly duration: number;
    readonly init?: number;
    readonly failure?: string;
    readonly at: Date;
  }): string[];
}

/** In the function's log format: text, or records of type `platform.…`. */
export const platformLines = (record: FunctionRecord, requestId: string, startedAt: Date): PlatformLines =>
  record.logFormat === 'JSON' ? jsonLines(record, requestId, startedAt) : textLines(record, requestId);

const textLines = (record: FunctionRecord, requestId: string): PlatformLines => ({
  start: `START RequestId: ${requestId} Version: $LATEST`,
  end: ({ duration, init, failure }) => [
    ...(failure === undefined ? [] : [failure]),
    `END RequestId: ${requestId}`,
    [
      `REPORT RequestId: ${requestId}`,
      `Duration: ${duration.toFixed(2)} ms`,
      `Billed Duration: ${Math.ceil(duration + (init ?? 0))} ms`,
      `Memory Size: ${record.memoryMegabytes} MB`,
      ...(init === undefined ? [] : [`Init Duration: ${init.toFixed(2)} ms`]),
    ].join('\t'),
  ],
});

const jsonLines = (record: FunctionRecord, requestId: string, startedAt: Date): PlatformLines => {
  const line = (at: Date, type: string, content: object): string =>
    JSON.stringify({ time: at.toISOString(), type, record: { requestId, ...content } });
  return {
    start: line(startedAt, 'platform.start', { version: '$LATEST' }),
    end: ({ duration, init, failure, at }) => [
      line(at, 'platform.report', {
        metrics: {
          durationMs: Number(duration.toFixed(3)),
          billedDurationMs: Math.ceil(duration + (init ?? 0)),
          memorySizeMB: record.memoryMegabytes,
          ...(init !== undefined && { initDurationMs: Number(init.toFixed(3)) }),
        },
        status: failure === undefined ? 'success' : failure.includes('Task timed out') ? 'timeout' : 'error',
        ...(failure !== undefined && { errorType: failure }),
      }),
    ],
  };
};
