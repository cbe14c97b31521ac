import { NotImplementedError } from '../../../service.ts';
import type { Caller } from '../integrations/caller.ts';
import type { Line } from '../interpreter/line.ts';
import type { Json, JsonObject } from '../json.ts';
import type { ExecutionRecord } from '../records.ts';

const PUT = 'arn:aws:states:::s3:putObject';

const nameError = (): string => 'States.ResultWriterFailed';

/**
 * Writes the children's results to S3: one file per way they ended, and a manifest that names the files.
 *
 * @returns the Map state's result: where the manifest is
 * @throws {Failure} States.ResultWriterFailed
 */
export async function writeResults(
  caller: Caller,
  line: Line,
  writer: JsonObject,
  mapRunArn: string,
  children: readonly ExecutionRecord[],
): Promise<Json> {
  if (writer.Resource !== PUT) throw new NotImplementedError(`states:Map ResultWriter Resource ${writer.Resource}`);
  const { WriterConfig } = writer as { WriterConfig?: { OutputType?: string; Transformation?: string } };
  const { OutputType = 'JSON', Transformation = 'NONE' } = WriterConfig ?? {};
  const { Bucket, Prefix } = (await line.resolve(writer.Arguments ?? {}, 'ResultWriter/Arguments')) as Record<
    string,
    string
  >;
  const folder = [Prefix?.replace(/\/$/, ''), mapRunArn.split(':').at(-1)].filter(Boolean).join('/');
  const put = async (name: string, text: string): Promise<{ Key: string; Size: number }> => {
    const Key = `${folder}/${name}`;
    const Body = Buffer.from(text);
    await caller.call(line.run.record, 's3', 'PutObject', { Bucket, Key, Body }, nameError);
    return { Key, Size: Body.byteLength };
  };
  const ResultFiles: Record<string, { Key: string; Size: number }[]> = { FAILED: [], PENDING: [], SUCCEEDED: [] };
  for (const status of ['SUCCEEDED', 'FAILED'] as const) {
    const results = children
      .filter((child) => (child.status === 'SUCCEEDED') === (status === 'SUCCEEDED'))
      .flatMap((child) => entriesOf(child, Transformation));
    if (results.length > 0)
      ResultFiles[status]!.push(await put(`${status}_0.${OutputType.toLowerCase()}`, format(results, OutputType)));
  }
  const manifest = await put(
    'manifest.json',
    JSON.stringify({ DestinationBucket: Bucket ?? '', MapRunArn: mapRunArn, ResultFiles }),
  );
  return { MapRunArn: mapRunArn, ResultWriterDetails: { Bucket: Bucket ?? '', Key: manifest.Key } };
}

function format(results: readonly Json[], outputType: string): string {
  if (outputType === 'JSON') return JSON.stringify(results);
  if (outputType === 'JSONL') return results.map((result) => `${JSON.stringify(result)}\n`).join('');
  throw new NotImplementedError(`states:Map ResultWriter OutputType ${outputType}`);
}

/** NONE: everything about the child; COMPACT: its output; FLATTEN: its output's elements. A failure is always told whole. */
function entriesOf(child: ExecutionRecord, transformation: string): Json[] {
  if (transformation === 'NONE' || child.output === undefined) return [described(child)];
  const output = JSON.parse(child.output) as Json;
  if (transformation === 'COMPACT') return [output];
  if (transformation === 'FLATTEN') return Array.isArray(output) ? output : [output];
  throw new NotImplementedError(`states:Map ResultWriter Transformation ${transformation}`);
}

const described = (child: ExecutionRecord): Json => ({
  ExecutionArn: child.executionArn,
  Input: child.input,
  InputDetails: { Included: true },
  Name: child.name,
  ...(child.output !== undefined && { Output: child.output, OutputDetails: { Included: true } }),
  ...(child.error !== undefined && { Error: child.error }),
  ...(child.cause !== undefined && { Cause: child.cause }),
  RedriveCount: child.redriveCount,
  StartDate: new Date(child.startDate).toISOString(),
  StateMachineArn: child.stateMachineArn,
  Status: child.status,
  StopDate: new Date(child.stopDate ?? child.startDate).toISOString(),
});
