import { GetObjectCommand } from '@aws-sdk/client-s3';
import { readModelDefinition } from '../adapters/yaml-model-definition.ts';
import type { ObjectRef } from '../domain/model.ts';
import type { ModelDefinition } from '../domain/model-definition.ts';
import type { Connection } from './connection.ts';

/** The definition that a release was made with, as it was written. */
export async function readReleaseDefinition({ s3 }: Connection, { bucket, key }: ObjectRef): Promise<ModelDefinition> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  return readModelDefinition(await Body!.transformToString());
}
