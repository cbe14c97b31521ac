import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GetObjectCommand, ListObjectsV2Command, ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import { DynamoDbAuditTrail } from '../../adapters/dynamodb-audit-trail.ts';
import type { Connection } from '../../cli/connection.ts';
import type { UploadClaim } from '../../domain/admission.ts';
import type { AuditEntry } from '../../domain/audit.ts';
import { verifyChain } from '../../domain/audit-chain.ts';
import type { CloudEvent } from '../../local/service.ts';
import { EVENTS_FILE } from './doomed-options.ts';
import type { Told } from './story.ts';

const MODEL = 'flight-delays';

/** What the cloud holds after a story, as far as the promises speak of it. */
export interface Found {
  readonly releases: number;
  readonly audits: number;
  readonly captured: number;
  /** One sentence each; none is what is wanted. */
  readonly violations: readonly string[];
}

/** Reads everything back through the public interfaces and holds it against what the client was told. */
export async function findViolations(told: Told, stateDir: string): Promise<Found> {
  const { connection } = told;
  const releases = await connection.lineage.listReleases(MODEL);
  const chain = await new DynamoDbAuditTrail(connection.table).list(MODEL);
  const captured = await capturedIds(connection);
  const verdict = verifyChain(MODEL, chain);
  return {
    releases: releases.length,
    audits: chain.length,
    captured: captured.length,
    violations: [
      ...releases
        .filter(({ status }) => status !== 'Deployed')
        .map(({ release, status, outcome }) => `release ${release} ended ${status}: ${outcome?.message}`),
      ...(verdict.intact ? [] : [`the audit chain is broken at ${verdict.sequence}: ${verdict.why}`]),
      ...(await lostUploads(told)),
      ...repeatedEntries(chain),
      ...(await secondDeployments(connection, releases.length, stateDir)),
      ...(await wrongVotes(
        connection,
        releases.map(({ steps }) => steps.approval?.requestId ?? 'none'),
      )),
      ...told.predictions.filter((id) => !captured.includes(id)).map((id) => `no capture of answered prediction ${id}`),
      ...(await wrongWindows(told, captured.length)),
      ...(await leftInOutbox(connection)),
    ],
  };
}

/** Every object in the intake bucket, acknowledged or not, became something that is recorded. */
async function lostUploads({ connection, uploads }: Told): Promise<string[]> {
  const { s3, account, table } = connection;
  const { Versions = [] } = await s3.send(
    new ListObjectVersionsCommand({ Bucket: `launchway-local-intake-${account}` }),
  );
  const held = Versions.map(({ Key, VersionId }) => `${Key}#${VersionId}`);
  const claims = await table.query<UploadClaim & { sk: string }>(`MODEL#${MODEL}`, 'CLAIM#');
  const claimed = new Map(claims.map(({ sk, became }) => [sk.slice('CLAIM#'.length), became.kind]));
  return [
    ...uploads.filter((upload) => !held.includes(upload)).map((upload) => `acknowledged upload ${upload} is gone`),
    ...held.filter((upload) => !claimed.has(upload)).map((upload) => `upload ${upload} became nothing`),
    ...[...claimed].filter(([, kind]) => kind === 'queued').map(([upload]) => `upload ${upload} still waits`),
  ];
}

/** Entries of which there may be one for each subject. */
const ONCE = new Set([
  'ReleaseAdmitted',
  'ReleaseOpened',
  'DatasetSealed',
  'DataPrepared',
  'BaselineProfiled',
  'ModelTrained',
  'VersionSealed',
  'ModelEvaluated',
  'VersionValidated',
  'ApprovalRequested',
  'DecisionRecorded',
  'DecisionDelivered',
  'DeploymentProved',
  'ChampionSwitched',
  'ReleaseEnded',
]);

function repeatedEntries(chain: readonly AuditEntry[]): string[] {
  const counts = new Map<string, number>();
  for (const { type, subject } of chain)
    if (ONCE.has(type)) counts.set(`${type} of ${subject}`, (counts.get(`${type} of ${subject}`) ?? 0) + 1);
  return [...counts].filter(([, count]) => count > 1).map(([what, count]) => `${what} is in the chain ${count} times`);
}

/** The endpoint was created once and updated at most once for each further release. */
async function secondDeployments({ lineage }: Connection, releases: number, stateDir: string): Promise<string[]> {
  const events = readEvents(stateDir)
    .filter((event) => event['detail-type'] === 'SageMaker Endpoint State Change')
    .map((event) => event.detail.EndpointStatus as string);
  const count = (status: string) => events.filter((seen) => seen === status).length;
  const { champion } = await lineage.getModel(MODEL);
  return [
    ...(count('CREATING') > 1 ? [`the endpoint was created ${count('CREATING')} times`] : []),
    ...(count('UPDATING') > releases - 1
      ? [`the endpoint was updated ${count('UPDATING')} times for ${releases} releases`]
      : []),
    ...(champion?.version === releases ? [] : [`version ${champion?.version} is champion after ${releases} releases`]),
  ];
}

/** A killed process may have cut the last line of a life. */
function readEvents(stateDir: string): CloudEvent[] {
  const file = join(stateDir, EVENTS_FILE);
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.endsWith('}'))
    .map((line) => JSON.parse(line) as CloudEvent);
}

async function wrongVotes({ table }: Connection, requests: readonly string[]): Promise<string[]> {
  const counts = await Promise.all(requests.map((id) => table.query(`APPROVAL#${id}`, 'VOTE#')));
  return counts.flatMap((votes, i) =>
    votes.length === 1 ? [] : [`approval ${requests[i]} has ${votes.length} votes of one person`],
  );
}

async function wrongWindows({ connection, day }: Told, captured: number): Promise<string[]> {
  const windows = await connection.table.query<{ sk: string; rows?: number; verdict: string }>(
    `MODEL#${MODEL}`,
    'WINDOW#',
  );
  const ofDay = windows.filter(({ sk }) => sk.includes(`#${day}`));
  if (ofDay.length !== 1) return [`${ofDay.length} windows of ${day}`];
  const rows = ofDay[0]!.rows ?? 0;
  return rows === captured ? [] : [`the window of ${day} judged ${rows} rows of ${captured} captured`];
}

async function leftInOutbox({ table }: Connection): Promise<string[]> {
  return (await table.query<{ sk: string }>('OUTBOX', '')).map(({ sk }) => `${sk} is still in the outbox`);
}

async function capturedIds({ s3, account }: Connection): Promise<string[]> {
  const Bucket = `launchway-local-captures-${account}`;
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
  const texts = await Promise.all(
    Contents.filter(({ Key }) => Key!.endsWith('.jsonl')).map(async ({ Key }) =>
      (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body!.transformToString(),
    ),
  );
  return texts.flatMap((text) =>
    text
      .split('\n')
      .filter(Boolean)
      .map((line) => String(JSON.parse(line).eventMetadata.inferenceId))
      // Not the smoke test's requests.
      .filter((id) => id.startsWith('row-')),
  );
}
