import { CloudWatchClient, ListMetricsCommand } from '@aws-sdk/client-cloudwatch';
import {
  CloudWatchLogsClient,
  paginateDescribeLogGroups,
  paginateFilterLogEvents,
} from '@aws-sdk/client-cloudwatch-logs';
import { GetObjectCommand, ListBucketsCommand, ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import { type AuditRow, entryOf } from '../../adapters/dynamodb-audit-trail.ts';
import type { AuditEntry } from '../../domain/audit.ts';
import { verifyChain } from '../../domain/audit-chain.ts';
import type { AttackCase, AttackGroup, AttackResult } from './attack-case.ts';
import type { AttackedCloud } from './attacked-cloud.ts';

/** What is true where `result` shows an attack that did not succeed. */
export const isRefused = ({ refused, changed }: AttackResult): boolean => refused && changed.length === 0;

/**
 * Tries every case, one after another, and compares what the cloud holds before and after each.
 *
 * @param chosen which cases of a group are tried; all by default
 */
export async function runAttacks(
  cloud: AttackedCloud,
  groups: readonly AttackGroup[],
  onResult: (result: AttackResult) => void = () => {},
  chosen: (one: AttackCase, index: number) => boolean = () => true,
): Promise<AttackResult[]> {
  const results: AttackResult[] = [];
  for (const { name: group, prepare, cases } of groups) {
    await prepare?.(cloud);
    let before = await cloud.snapshot();
    for (const one of cases.filter(chosen)) {
      const outcome = await one.attack(cloud);
      const after = await cloud.snapshot();
      const result = { group, name: one.name, ...outcome, changed: differences(before, after) };
      onResult(result);
      results.push(result);
      before = after;
    }
  }
  return results;
}

function differences(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names].filter((name) => before.get(name) !== after.get(name));
}

/** Where a waiting task's token can be read besides its own execution; nowhere, as it should be. */
export async function canarySightings(cloud: AttackedCloud): Promise<string[]> {
  const tokens = await cloud.taskTokens();
  if (tokens.length === 0) throw new Error('expected tasks that waited with a token, got none');
  const places: readonly (readonly [string, string])[] = [
    ['pages', cloud.seen.join('\n')],
    ['mails', JSON.stringify(await cloud.inbox())],
    ['rows', JSON.stringify(await cloud.rows())],
    ['objects', await allObjects(cloud)],
    ['metrics', await allMetrics(cloud)],
    ['logs', await allLogs(cloud)],
  ];
  return places
    .filter(([, text]) =>
      tokens.some((token) => text.includes(token) || text.includes(Buffer.from(token).toString('base64'))),
    )
    .map(([place]) => place);
}

export async function allLogs({ client: configuration }: AttackedCloud): Promise<string> {
  const client = new CloudWatchLogsClient(configuration);
  const lines: string[] = [];
  for await (const { logGroups } of paginateDescribeLogGroups({ client }, {})) {
    for (const { logGroupName } of logGroups ?? []) {
      for await (const { events } of paginateFilterLogEvents({ client }, { logGroupName }))
        lines.push(...(events ?? []).map(({ message }) => message ?? ''));
    }
  }
  return lines.join('\n');
}

/** Every version of every object, read as text: mails and pages are kept there, too. */
async function allObjects({ connection: { s3 } }: AttackedCloud): Promise<string> {
  const texts: string[] = [];
  for (const { Name: Bucket } of (await s3.send(new ListBucketsCommand({}))).Buckets ?? []) {
    const { Versions, IsTruncated } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
    if (IsTruncated) throw new Error(`expected at most 1,000 versions in ${Bucket}, got more: page through them`);
    for (const { Key, VersionId } of Versions ?? []) {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key, VersionId }));
      texts.push(Key ?? '', (await Body?.transformToString()) ?? '');
    }
  }
  return texts.join('\n');
}

async function allMetrics({ client: configuration }: AttackedCloud): Promise<string> {
  const { Metrics } = await new CloudWatchClient(configuration).send(new ListMetricsCommand({}));
  return JSON.stringify(Metrics);
}

/** Models whose audit chain is not what was written, with why. */
export async function brokenChains(cloud: AttackedCloud): Promise<string[]> {
  const chains = new Map<string, AuditEntry[]>();
  for (const row of await cloud.rows()) {
    if (!String(row.sk).startsWith('AUDIT#')) continue;
    const entry = entryOf(row as unknown as AuditRow);
    chains.set(entry.model, [...(chains.get(entry.model) ?? []), entry]);
  }
  return [...chains].flatMap(([model, entries]) => {
    const verdict = verifyChain(
      model,
      entries.sort((a, b) => a.sequence - b.sequence),
    );
    return verdict.intact ? [] : [`${model}: ${verdict.why}`];
  });
}
