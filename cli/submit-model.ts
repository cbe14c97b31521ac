import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CopyObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { keys } from '../adapters/dynamodb-table.ts';
import { readModelDefinition } from '../adapters/yaml-model-definition.ts';
import type { Refusal, UploadClaim } from '../domain/admission.ts';
import type { ObjectRef } from '../domain/model.ts';
import type { ReleasePurpose } from '../domain/release.ts';
import config from '../launchway.config.ts';
import { deployedConfig } from '../lib/config.ts';
import type { Connection } from './connection.ts';
import { UsageError } from './output.ts';
import { packSource } from './pack-source.ts';
import { sourceCommit } from './source-commit.ts';

/** A model's folder and the dataset that starts its release. */
export interface Submission {
  /** Holds model.yaml. */
  readonly folder: string;
  readonly trainingFile: { readonly name: string; text(): string | Uint8Array };
  /** @default 'release' */
  readonly purpose?: ReleasePurpose;
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
  { folder, trainingFile, purpose = 'release' }: Submission,
  now: Date,
): Promise<Submitted> {
  const { model, uris } = await submitDefinition(connection, folder);
  const key = `models/${model}/${FOLDERS[purpose]}/${now.toISOString().slice(0, 10)}/${trainingFile.name}`;
  const data = await putter(connection)(key, trainingFile.text());
  const release = await admitted('the dataset', () => releaseOf(connection, model, data));
  return { model, release, uris: [...uris, data.uri] };
}

/**
 * A file to train on, as a submission takes it.
 *
 * @throws {UsageError} there is no such file
 */
export function trainingFileAt(path: string): Submission['trainingFile'] {
  if (!existsSync(path)) throw new UsageError(`expected a dataset to train on, got no file ${path}`);
  return { name: basename(path), text: () => readFileSync(path) };
}

/** Where datasets go: what is put there decides what the release is for. */
const FOLDERS: Readonly<Record<ReleasePurpose, string>> = { release: 'data', experiment: 'experiments' };

const intakeOf = ({ prefix, account }: Connection): string => `${prefix}-intake-${account}`;

const putter =
  (connection: Connection) =>
  async (Key: string, Body: Uint8Array | string, Metadata: Record<string, string> = {}) => {
    const Bucket = intakeOf(connection);
    const { VersionId } = await connection.s3.send(new PutObjectCommand({ Bucket, Key, Body, Metadata }));
    return { uri: `s3://${Bucket}/${Key}`, key: Key, versionId: VersionId };
  };

/**
 * Puts the very dataset of an earlier release forward again, under the model's definition and source of now. Steps whose inputs
 * are unchanged are not paid for twice: equal training inputs adopt the earlier training.
 *
 * @throws {UsageError} the upload was not admitted in time
 */
export async function resubmitDataset(
  connection: Connection,
  model: string,
  { release, inputs }: { readonly release: number; readonly inputs: { readonly dataset: ObjectRef } },
  purpose: ReleasePurpose,
  now: Date,
): Promise<Submitted> {
  const { bucket, key, versionId } = inputs.dataset;
  const name = key.slice(key.lastIndexOf('/') + 1);
  const to = `models/${model}/${FOLDERS[purpose]}/${now.toISOString().slice(0, 10)}/from-release-${release}/${name}`;
  const source = `${bucket}/${key.split('/').map(encodeURIComponent).join('/')}${versionId ? `?versionId=${versionId}` : ''}`;
  const Bucket = intakeOf(connection);
  const { VersionId } = await connection.s3.send(new CopyObjectCommand({ Bucket, Key: to, CopySource: source }));
  const found = await admitted('the dataset', () => releaseOf(connection, model, { key: to, versionId: VersionId }));
  return { model, release: found, uris: [`s3://${Bucket}/${to}`] };
}

/**
 * Uploads model.yaml, and the source it names, and waits until both are what the next release uses.
 *
 * @throws as submitModel
 */
export async function submitDefinition(
  connection: Connection,
  folder: string,
): Promise<{ readonly model: string; readonly uris: readonly string[] }> {
  const text = readFileSync(join(folder, 'model.yaml'), 'utf8');
  const { model, training } = readModelDefinition(text, deployedConfig(config));
  const put = putter(connection);
  const uris = [(await put(`models/${model}/model.yaml`, text)).uri];
  const sha256 = createHash('sha256').update(text).digest('hex');
  await admitted('model.yaml', async () => (await connection.lineage.findModel(model))?.definition.sha256 === sha256);
  if (training.source) {
    const source = await put(
      `models/${model}/source.tar.gz`,
      await packSource(join(folder, training.source)),
      sourceCommit(folder),
    );
    uris.push(source.uri);
    await admitted(
      'the source',
      async () => (await connection.lineage.findModel(model))?.source?.versionId === source.versionId,
    );
  }
  return { model, uris };
}

/** What the upload was claimed as. @throws {UsageError} it became no release */
async function releaseOf(
  { table }: Connection,
  model: string,
  { key, versionId = 'null' }: { readonly key: string; readonly versionId: string | undefined },
): Promise<number | 'queued' | undefined> {
  const claim = await table.get<UploadClaim>(keys.claim(model, key, versionId));
  switch (claim?.became.kind) {
    case undefined:
      return undefined;
    case 'release':
      return claim.became.release;
    case 'queued':
      return 'queued';
    case 'refusal': {
      const refusal = await table.get<Refusal>(keys.refusal(claim.became.id));
      throw new UsageError(`${key} was refused: ${refusal?.message}`);
    }
    default:
      throw new UsageError(`${key} became no release: a newer upload took its place`);
  }
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
