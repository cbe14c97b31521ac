import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { readModelDefinition } from '../adapters/yaml-model-definition.ts';
import config from '../launchway.config.ts';
import { deployedConfig } from '../lib/config.ts';
import type { Connection } from './connection.ts';
import { packSource } from './pack-source.ts';

/** A model's folder and the dataset that starts its release. */
export interface Submission {
  /** Holds model.yaml. */
  readonly folder: string;
  readonly trainingFile: { readonly name: string; text(): string | Uint8Array };
}

/**
 * Uploads what makes a release, the dataset last: it is what starts it.
 *
 * @throws {DefinitionRefusedError} model.yaml would be refused anyway
 */
export async function submitModel(
  connection: Connection,
  { folder, trainingFile }: Submission,
  now: Date,
): Promise<{ model: string; uris: string[] }> {
  const bucket = `${connection.prefix}-intake-${connection.account}`;
  const text = readFileSync(join(folder, 'model.yaml'), 'utf8');
  const { model, training } = readModelDefinition(text, deployedConfig(config));
  const put = async (key: string, Body: Uint8Array | string) => {
    await connection.s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body }));
    return `s3://${bucket}/${key}`;
  };
  const uris = [await put(`models/${model}/model.yaml`, text)];
  if (training.source)
    uris.push(await put(`models/${model}/source.tar.gz`, await packSource(join(folder, training.source))));
  uris.push(
    await put(`models/${model}/data/${now.toISOString().slice(0, 10)}/${trainingFile.name}`, trainingFile.text()),
  );
  return { model, uris };
}
