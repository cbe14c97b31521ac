import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import { DynamoDbQualityStore } from '../../adapters/dynamodb-quality-store.ts';
import { DynamoDbTable, keys } from '../../adapters/dynamodb-table.ts';
import { tableOf } from '../../cli/captures/prediction-table.ts';
import type { LabelFileRow } from '../../domain/quality/rows.ts';
import { SmallCloud } from '../local/support/small-cloud.ts';

const MODEL = 'flights';
const ACCOUNT = '000000000000';
const bucket = (kind: string) => `launchway-local-${kind}-${ACCOUNT}`;

let small: SmallCloud;
let folder: string;
let s3: S3Client;
let table: DynamoDbTable;

/** Two versions that served in turn; the later one has a feature more. */
const definition = (features: string) => `schema: launchway/v1
model: ${MODEL}
description: Says which flights will be late, for those who plan crews.
owner: ops@example.com
team: operations
tier: standard
problem: { type: binary-classification, target: delayed, positiveClass: "yes", decisionThreshold: 0.5 }
columns: { id: flight_id }
features:
${features}
training: { image: "launchway/flights:1" }
monitoring: { capture: { redact: [passenger] } }
`;
const FIRST = '  - { name: distance, type: numeric }\n  - { name: passenger, type: categorical }';
const SECOND = `${FIRST}\n  - { name: origin, type: categorical }`;

const put = (kind: string, Key: string, Body: string) =>
  s3.send(new PutObjectCommand({ Bucket: bucket(kind), Key, Body }));

async function served(version: number, status: string, features: string): Promise<void> {
  await put('approved', `v${version}/model.yaml`, definition(features));
  const uri = `s3://${bucket('approved')}/v${version}/prepared`;
  await put('approved', `v${version}/prepared/holdout/labels.csv`, 'row_id,target\na,yes\nb,no\n');
  const row = {
    ...{ model: MODEL, version, release: version, team: 'operations', status, prepared: { uri } },
    definition: { bucket: bucket('approved'), key: `v${version}/model.yaml`, sha256: 'd' },
  };
  await table.client.send(new PutCommand({ TableName: table.name, Item: { ...keys.version(MODEL, version), ...row } }));
}

const record = (eventId: string, data: string, output: string, inferenceId?: string): string =>
  `${JSON.stringify({
    captureData: {
      endpointInput: { observedContentType: 'text/csv', mode: 'INPUT', data, encoding: 'CSV' },
      endpointOutput: { observedContentType: 'text/csv', mode: 'OUTPUT', data: output, encoding: 'CSV' },
    },
    eventMetadata: { eventId, ...(inferenceId && { inferenceId }), inferenceTime: '2026-02-01T10:00:01Z' },
    eventVersion: '0',
  })}\n`;

const capture = (version: number, hour: string, lines: string) =>
  put('captures', `operations/${MODEL}/v${version}/launchway-local-${MODEL}/live/2026/02/01/${hour}/one.jsonl`, lines);

async function label(name: string, body: string, at: string): Promise<void> {
  const key = `models/${MODEL}/labels/${name}`;
  await put('intake', key, body);
  const file: LabelFileRow = {
    ...{ model: MODEL, id: name, object: { bucket: bucket('intake'), key }, uploadedAt: at, receivedAt: at },
    ...{ status: 'Received', submitter: { principal: 'AWS:dana' } },
  };
  const claim = { model: MODEL, key, versionId: name, became: { kind: 'labels' as const, id: name } };
  const audit = { type: 'LabelsReceived', actor: 'dana', subject: name };
  await new DynamoDbQualityStore(table).receiveLabels(file, claim, audit);
}

const captures = (...args: string[]): Promise<{ code: number; stdout: string; bytes: Buffer; stderr: string }> =>
  new Promise((done) => {
    const env = { ...process.env, AWS_ENDPOINT_URL: small.client.endpoint, NO_COLOR: '1' };
    const times = ['--from', '2026-02-01T10', '--to', '2026-02-01T12'];
    execFile(
      process.execPath,
      [resolve('bin/launchway.js'), 'captures', MODEL, ...times, ...args],
      { env, encoding: 'buffer' },
      (error, bytes, stderr) =>
        done({ code: error ? Number(error.code ?? 1) : 0, stdout: String(bytes), bytes, stderr: String(stderr) }),
    );
  });

beforeAll(async () => {
  small = await SmallCloud.start();
  folder = mkdtempSync(join(tmpdir(), 'captures-'));
  s3 = new S3Client({ ...small.client, forcePathStyle: true });
  for (const kind of ['approved', 'captures', 'intake'])
    await small.create('AWS::S3::Bucket', { BucketName: bucket(kind), VersioningConfiguration: { Status: 'Enabled' } });
  const { ref } = await small.create('AWS::DynamoDB::Table', {
    TableName: 'launchway-local-lineage',
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
    AttributeDefinitions: [
      { AttributeName: 'pk', AttributeType: 'S' },
      { AttributeName: 'sk', AttributeType: 'S' },
    ],
    BillingMode: 'PAY_PER_REQUEST',
  });
  table = new DynamoDbTable(ref, () => new Date(), DynamoDBDocumentClient.from(new DynamoDBClient(small.client)));
  const model = { model: MODEL, team: 'operations', champion: { version: 2 } };
  await table.client.send(new PutCommand({ TableName: table.name, Item: { ...keys.model(MODEL), ...model } }));
  await served(1, 'Retired', FIRST);
  await served(2, 'Deployed', SECOND);
  await served(3, 'Rejected', SECOND);
  await capture(
    1,
    '10',
    record('e1', '100.5,Ada\n7,"Bob ""B"", jr"', '0.25\n0.5') + record('e2', '8,Cy', '0.75', 'f-2'),
  );
  await capture(2, '11', `${record('e3', '9,Di,ORD', '0.125', 'f-3')}${record('launchway', 'x,Ed,', '', 'f-4')}torn {`);
  await capture(2, '12', record('e9', '1,Flo,ORD', '0.5'));
  await label('early.csv', 'id,delayed\nf-2,yes\nf-3,no\n', '2026-02-03T08:00:00.000Z');
  await label('late.csv', 'eventId,row,delayed\ne1,1,yes\n', '2026-02-04T08:00:00.000Z');
  await label('fix.csv', 'flight_id,delayed\nf-2,no\n', '2026-02-05T08:00:00.000Z');
  await label('bad.csv', 'nothing,known\n1,2\n', '2026-02-05T09:00:00.000Z');
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await small.stop();
});

const ROWS = [
  { id: 'e1', event_id: 'e1', row: 0, version: 1, distance: 100.5, origin: null, prediction: 0.25, label: null },
  { id: 'e1', event_id: 'e1', row: 1, version: 1, distance: 7, origin: null, prediction: 0.5, label: 'yes' },
  { id: 'f-2', event_id: 'e2', row: 0, version: 1, distance: 8, origin: null, prediction: 0.75, label: 'no' },
  { id: 'f-3', event_id: 'e3', row: 0, version: 2, distance: 9, origin: 'ORD', prediction: 0.125, label: 'no' },
];
const UNSCORED = { id: 'f-4', event_id: 'launchway', row: 0, version: 2, origin: null, prediction: null, label: null };
const time = '2026-02-01T10:00:01Z';

describe('launchway captures', () => {
  it('hands out every version’s predictions with the newest label, and without what is to be redacted', async () => {
    const { code, stdout, stderr } = await captures('--json');
    expect(stderr).toMatch(/^labels not read: models\/flights\/labels\/bad\.csv: expected a column flight_id/);
    expect(code).toBe(0);
    const { predictions, ...told } = JSON.parse(stdout);
    expect(told).toMatchObject({
      rows: 5,
      records: 4,
      versions: [1, 2],
      labelled: 3,
      labelFiles: 4,
      unread: { 'torn-line': 1 },
    });
    expect(predictions).toEqual([...ROWS.map((row) => ({ ...row, time })), { ...UNSCORED, time, distance: 'x' }]);
  });

  it('writes the same as CSV and as Parquet', async () => {
    const { stdout, stderr } = await captures();
    expect(stdout.split('\n')[0]).toBe('id,event_id,row,time,version,distance,origin,prediction,label');
    expect(stdout.split('\n').slice(1, -1)).toEqual(
      [...ROWS, { ...UNSCORED, distance: 'x' }].map((row) => {
        const { id, event_id, row: index, version, distance, origin, prediction, label } = row;
        return [id, event_id, index, time, version, distance, origin, prediction, label]
          .map((one) => one ?? '')
          .join(',');
      }),
    );
    expect(stderr).toContain(
      '5 predictions of 4 requests to flights, 3 with a label; 1 lines or rows could not be read',
    );
    const out = join(folder, 'captures.parquet');
    expect(await captures('--format', 'parquet', '--out', out)).toMatchObject({ code: 0 });
    const rows = await parquetReadObjects({ file: await asyncBufferFromFile(out) });
    expect(rows).toEqual([...ROWS, { ...UNSCORED, distance: null }].map((row) => ({ ...row, time })));
    const { code, bytes } = await captures('--format', 'parquet');
    expect(code).toBe(0);
    expect(bytes.equals(readFileSync(out))).toBe(true);
  });

  it('says what it needs', async () => {
    expect((await captures('--from', '2026-02-01T12')).stderr).toContain('expected --from before --to');
    for (const format of ['csv', 'parquet']) {
      const out = join(folder, 'none', 'captures');
      const { code, stderr } = await captures('--format', format, '--out', out);
      expect(code).toBe(1);
      expect(stderr).toContain(`launchway: expected --out to be a file that can be written, got ENOENT: ${out}\n`);
    }
  });

  it('keeps a feature apart from its own column of that name', async () => {
    const table = tableOf(
      { format: 'csv', json: true },
      new Map([
        ['time', 'categorical'],
        ['row', 'numeric'],
        ['label', 'numeric'],
      ]),
    );
    await table.write([['f-1', 'e1', 0, '2026-02-01T10:00:01Z', 3, 'noon', '7', '8', '0.5', 'yes']]);
    expect(table.rows).toEqual([
      {
        ...{
          id: 'f-1',
          event_id: 'e1',
          row: 0,
          time: '2026-02-01T10:00:01Z',
          version: 3,
          prediction: 0.5,
          label: 'yes',
        },
        ...{ 'feature.time': 'noon', 'feature.row': 7, 'feature.label': 8 },
      },
    ]);
  });
});
