import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { readModelDefinition } from '../adapters/yaml-model-definition.ts';
import config from '../launchway.config.ts';
import { deployedConfig } from '../lib/config.ts';
import type { Connection } from './connection.ts';
import { UsageError } from './output.ts';
import { packSource } from './pack-source.ts';

/** A model's folder and the dataset that starts its release. */
export interface Submission {
  /** Holds model.yaml. */
  readonly folder: string;
  readonly trainingFile: { readonly name: string; text(): string | Uint8Array };
}

/** What a submission became. */
export interface Submitted {
  readonly model: string;
  readonly release: number | 'queued';
  readonly uris: readonly string[];
}

/** How long admission may take before something is said, in milliseconds of real time. */
const PATIENCE = 60_000;

/**
 * Uploads what makes a release, the dataset last: it is what starts it. Waits for the definition to be admitted first, since
 * notifications may overtake each other.
 *
 * @returns the release that the dataset became, or `queued` where another one runs
 * @throws {DefinitionRefusedError} model.yaml would be refused anyway
 * @throws {UsageError} an upload was not admitted in time; the owner's mail says why
 */
export async function submitModel(
  connection: Connection,
  { folder, trainingFile }: Submission,
  now: Date,
): Promise<Submitted> {
  const bucket = `${connection.prefix}-intake-${connection.account}`;
  const text = readFileSync(join(folder, 'model.yaml'), 'utf8');
  const { model, training } = readModelDefinition(text, deployedConfig(config));
  const put = async (key: string, Body: Uint8Array | string) => {
    const { VersionId } = await connection.s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body }));
    return { uri: `s3://${bucket}/${key}`, key, versionId: VersionId };
  };
  const uris = [(await put(`models/${model}/model.yaml`, text)).uri];
  const sha256 = createHash('sha256').update(text).digest('hex');
  await admitted('model.yaml', async () => (await connection.lineage.findModel(model))?.definition.sha256 === sha256);
  if (training.source) {
    const source = await put(`models/${model}/source.tar.gz`, await packSource(join(folder, training.source)));
    uris.push(source.uri);
    await admitted(
      'the source',
      async () => (await connection.lineage.findModel(model))?.source?.versionId === source.versionId,
    );
  }
  const data = await put(
    `models/${model}/data/${now.toISOString().slice(0, 10)}/${trainingFile.name}`,
    trainingFile.text(),
  );
  const release = await admitted('the dataset', () => releaseOf(connection, model, data));
  return { model, release, uris: [...uris, data.uri] };
}

async function releaseOf(
  { lineage }: Connection,
  model: string,
  data: { key: string; versionId: string | undefined },
): Promise<number | 'queued' | undefined> {
  const same = (object: { key: string; versionId?: string } | undefined) =>
    object?.key === data.key && object.versionId === data.versionId;
  const row = await lineage.getModel(model);
  if (same(row.queued?.dataset)) return 'queued';
  return (await lineage.listReleases(model)).find(({ inputs }) => same(inputs.dataset))?.release;
}

async function admitted<T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> {
  for (const until = Date.now() + PATIENCE; Date.now() < until; await sleep(150)) {
    const found = await look();
    if (found) return found;
  }
  throw new UsageError(
    `expected ${what} to be admitted within ${PATIENCE / 1000} s, got no answer; look for a mail that says why`,
  );
}
