import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CopyObjectCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { keys } from '../adapters/dynamodb-table.ts';
import { readModelDefinition } from '../adapters/yaml-model-definition.ts';
import type { Refusal, UploadClaim } from '../domain/admission.ts';
import { codeOf } from '../domain/intake/code-upload.ts';
import type { PinnedFiles } from '../domain/intake/pinned-files.ts';
import { nameOf } from '../domain/intake/upload-key.ts';
import type { ObjectRef } from '../domain/model.ts';
import type { ModelDefinition, Training } from '../domain/model-definition.ts';
import type { ReleasePurpose, ReleaseRow } from '../domain/release.ts';
import config from '../launchway.config.ts';
import { deployedConfig } from '../lib/config.ts';
import type { Connection } from './connection.ts';
import type { SubmittedFile } from './dataset-files.ts';
import { offlineRequirements } from './offline-requirements.ts';
import { UsageError } from './output.ts';
import { packSource } from './pack-source.ts';
import { PATIENCE } from './patience.ts';
import { sourceCommit } from './source-commit.ts';

/** A model's folder and the dataset that starts its release. */
export interface Submission {
  /** Holds model.yaml. */
  readonly folder: string;
  readonly trainingFile: SubmittedFile;
  /** Put before it: parts, a test file. */
  readonly beside?: readonly SubmittedFile[];
  /** @default 'release' */
  readonly purpose?: ReleasePurpose;
}

/** What a submission became. */
export interface Submitted {
  readonly model: string;
  readonly release: number | 'queued';
  readonly uris: readonly string[];
}

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
  { folder, trainingFile, beside = [], purpose = 'release' }: Submission,
  now: Date,
): Promise<Submitted> {
  const { model, uris } = await submitDefinition(connection, folder);
  // Files that belong together have a folder of their own.
  const day = now
    .toISOString()
    .slice(0, beside.length > 0 ? 19 : 10)
    .replaceAll(':', '-');
  const to = `models/${model}/${FOLDERS[purpose]}/${day}`;
  const put = putter(connection);
  for (const file of beside) uris.push((await put(`${to}/${file.name}`, file.text())).uri);
  const data = await put(`${to}/${trainingFile.name}`, trainingFile.text());
  const release = await admitted('the dataset', () => releaseOf(connection, model, data));
  return { model, release, uris: [...uris, data.uri] };
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
  { release, inputs }: { readonly release: number; readonly inputs: Pick<ReleaseRow['inputs'], 'dataset' | 'files'> },
  purpose: ReleasePurpose,
  now: Date,
): Promise<Submitted> {
  const folder = `models/${model}/${FOLDERS[purpose]}/${now.toISOString().slice(0, 10)}/from-release-${release}`;
  const copy = copierTo(connection, folder);
  const isBeside = ({ key }: ObjectRef) => key !== inputs.dataset.key;
  const uris: string[] = [];
  for (const object of (await pinnedFiles(connection, inputs.files)).filter(isBeside))
    uris.push((await copy(object)).uri);
  const last = await copy(inputs.dataset);
  const found = await admitted('the dataset', () => releaseOf(connection, model, last));
  return { model, release: found, uris: [...uris, last.uri] };
}

/**
 * Asks for a release to be trained again on its pinned inputs, as an experiment.
 *
 * @throws {UsageError} it was refused, or not admitted in time
 */
export async function submitReproduction(
  connection: Connection,
  model: string,
  release: number,
  now: Date,
): Promise<number | 'queued'> {
  const asked = JSON.stringify({ schema: 'launchway/reproduction/v1', release });
  const to = `models/${model}/reproductions/${release}/${now.toISOString()}.json`;
  const put = await putter(connection)(to, asked);
  return admitted('the reproduction', () => releaseOf(connection, model, put));
}

/** Copies a version of an object within the intake. */
const copierTo = (connection: Connection, folder: string) => async (object: ObjectRef) => {
  const { bucket, key, versionId } = object;
  const to = `${folder}/${nameOf(key)}`;
  const source = `${bucket}/${key.split('/').map(encodeURIComponent).join('/')}${versionId ? `?versionId=${versionId}` : ''}`;
  const Bucket = intakeOf(connection);
  const { VersionId } = await connection.s3.send(new CopyObjectCommand({ Bucket, Key: to, CopySource: source }));
  return { uri: `s3://${Bucket}/${to}`, key: to, versionId: VersionId };
};

/** The files of a dataset that has several, as its release pinned them. */
async function pinnedFiles({ s3 }: Connection, list: ObjectRef | undefined): Promise<ObjectRef[]> {
  if (!list) return [];
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: list.bucket, Key: list.key }));
  const { files } = JSON.parse((await Body?.transformToString()) ?? '') as PinnedFiles;
  return files.map(({ object }) => object);
}

/**
 * Uploads model.yaml, and the source it names, and waits until both are what the next release uses.
 *
 * @throws as submitModel
 */
export async function submitDefinition(
  connection: Connection,
  folder: string,
): Promise<{ readonly model: string; readonly uris: string[] }> {
  const text = definitionTextIn(folder);
  const { model, training } = readModelDefinition(text, deployedConfig(config));
  const put = putter(connection);
  const uris = [(await put(`models/${model}/model.yaml`, text)).uri];
  const sha256 = createHash('sha256').update(text).digest('hex');
  await admitted('model.yaml', async () => (await connection.lineage.findModel(model))?.definition.sha256 === sha256);
  const code = await codeIn(folder, training);
  if (code) {
    const uploaded = await put(`models/${model}/${code.name}`, code.bytes, sourceCommit(folder));
    uris.push(uploaded.uri);
    await admitted(code.name, async () => {
      const row = await connection.lineage.findModel(model);
      return row && codeOf(row)?.versionId === uploaded.versionId;
    });
  }
  return { model, uris };
}

/** The source, or the model itself where it was trained elsewhere: a folder is packed, an archive is taken as it is. */
async function codeIn(folder: string, { source, artifact }: Training) {
  if (artifact === undefined)
    return source ? { name: 'source.tar.gz', bytes: await packCode(folder, source) } : undefined;
  const path = join(folder, artifact);
  if (!existsSync(path))
    throw new UsageError(`expected the model archive or folder ${artifact} in ${folder}, got none`);
  const bytes = statSync(path).isDirectory() ? await packSource(path) : readFileSync(path);
  return { name: 'model.tar.gz', bytes };
}

function packCode(folder: string, source: string): Promise<Uint8Array> {
  const requirements = offlineRequirements(join(folder, source));
  return packSource(
    join(folder, source),
    undefined,
    requirements === undefined ? {} : { 'requirements.txt': requirements },
  );
}

function definitionTextIn(folder: string): string {
  const path = join(folder, 'model.yaml');
  if (!existsSync(path)) throw new UsageError(`expected a model.yaml in ${folder}, got none`);
  return readFileSync(path, 'utf8');
}

/** @throws {DefinitionRefusedError} it would be refused anyway; {UsageError} there is none */
export const readDefinitionIn = (folder: string): ModelDefinition =>
  readModelDefinition(definitionTextIn(folder), deployedConfig(config));

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
