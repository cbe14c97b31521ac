import { deepEqual } from 'node:assert/strict';
import { resolve } from 'node:path';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { type Connection, connectTo, localClient } from '../../cli/connection.ts';
import { type InboxMail, readInbox } from '../../cli/demo/approve-by-mail.ts';
import type { Refusal } from '../../domain/admission.ts';
import { isEnd, type ReleaseRow } from '../../domain/release.ts';
import { flightsOf, toCsv } from '../../examples/flight-delays/flights.ts';
import { refusalId } from '../../lambdas/shared/refusal-id.ts';
import { type DeployedCloud, deployedCloud } from './deployed-cloud.ts';

const OWNER = 'ops-analytics@example.com';
const TURNS = 400;

/** What a test changes in an otherwise good definition. */
export interface DefinitionChanges {
  /** How the image misbehaves; absent: it does not. */
  readonly flaw?: 'fails' | 'writes no model' | 'does not serve' | 'knows no other hours';
  readonly atLeast?: number;
  readonly team?: string;
  /** More hyperparameters, as YAML between braces has them. */
  readonly hyperparameters?: string;
  /** More members of `training`, as one line of YAML. */
  readonly training?: string;
  /** AWS's own XGBoost trains on the numbers alone, and nothing of the image is used. */
  readonly withAlgorithm?: true;
  /** @default launchway/flight-delays:1 */
  readonly image?: string;
  /** The model is brought as it was trained elsewhere, and served by the image. */
  readonly isBrought?: true;
  /** More lines of YAML. */
  readonly more?: string;
}

/** People around one deployed cloud: they upload and read mails; time passes when they wait. */
export class ModelRoom {
  readonly cloud: DeployedCloud;
  readonly connection: Connection;
  readonly intake: string;

  private constructor(cloud: DeployedCloud, connection: Connection) {
    this.cloud = cloud;
    this.connection = connection;
    this.intake = `launchway-local-intake-${connection.account}`;
  }

  static async open(): Promise<ModelRoom> {
    const cloud = await deployedCloud({
      images: { 'launchway/flight-delays:1': resolve('test/support/flawed-image') },
    });
    return new ModelRoom(cloud, await connectTo(cloud.url, 'launchway-local'));
  }

  /** Forgets everything. @throws {AssertionError} a role was refused something, or work in the background failed */
  async close(): Promise<void> {
    await this.cloud.remove();
    deepEqual(this.cloud.cloud.iam.denials, []);
    deepEqual(
      this.cloud.reported.filter((line) => line.includes('background work failed')),
      [],
    );
  }

  /** Uploads as a person does. @returns the object's version */
  async put(key: string, body: string | Uint8Array, person = 'dana'): Promise<{ key: string; versionId: string }> {
    const s3 = new S3Client({ ...localClient(this.cloud.url, person), forcePathStyle: true });
    const { VersionId } = await s3.send(
      new PutObjectCommand({ Bucket: this.intake, Key: key, Body: Buffer.from(body) }),
    );
    return { key, versionId: VersionId! };
  }

  /** Uploads a definition and waits until it is the model's. */
  async define(model: string, changes: DefinitionChanges = {}): Promise<void> {
    const before = (await this.connection.lineage.findModel(model))?.definition.sha256;
    await this.put(`models/${model}/model.yaml`, definitionOf(model, changes));
    await this.until(`a new definition of ${model}`, async () => {
      const now = (await this.connection.lineage.findModel(model))?.definition.sha256;
      return now !== before && now;
    });
  }

  /** Uploads a dataset. @returns what the upload became: its release, or that it waits, or nothing yet */
  upload(model: string, data: string | Uint8Array = januaryFlights(), name = 'train.csv') {
    return this.put(`models/${model}/data/${name}`, data);
  }

  /** The release of an upload, at a status. */
  release(model: string, { versionId }: { versionId: string }, status?: ReleaseRow['status']): Promise<ReleaseRow> {
    return this.until(`a release of ${model}${status ? ` that is ${status}` : ' that has ended'}`, async () => {
      const row = (await this.connection.lineage.listReleases(model)).find(
        ({ inputs }) => inputs.dataset.versionId === versionId,
      );
      if (row && status && isEnd(row.status) && row.status !== status)
        throw new Error(`expected ${model} to be ${status}, got ${row.status}: ${row.outcome?.message}`);
      return row && (status ? row.status === status : isEnd(row.status)) ? row : undefined;
    });
  }

  /** The `REFUSAL` row of an upload. */
  refusal({ key, versionId }: { key: string; versionId: string }): Promise<Refusal> {
    const id = refusalId({ bucket: this.intake, key, versionId });
    return this.until(`a refusal of ${key}`, () =>
      this.connection.table.get<Refusal>({ pk: `REFUSAL#${id}`, sk: 'REFUSAL' }),
    );
  }

  /** The newest mail whose subject begins so. */
  mail(beginning: string): Promise<InboxMail> {
    return this.until(`a mail ${beginning} …`, async () =>
      (await readInbox(this.cloud.url)).find(({ subject }) => subject.startsWith(beginning)),
    );
  }

  /** Lets half-minutes of virtual time pass until something is there. */
  async until<T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> {
    for (let turn = 0; turn < TURNS; turn++) {
      await this.cloud.cloud.idle();
      const found = await look();
      if (found) return found;
      await this.cloud.cloud.clock.advance(30_000);
    }
    throw new Error(
      `expected ${what} within ${TURNS / 2} minutes, got none\n${this.cloud.reported.slice(-5).join('\n')}`,
    );
  }
}

/** A model.yaml that is accepted unless a change says otherwise. */
export const definitionOf = (
  model: string,
  {
    flaw,
    atLeast = 0.5,
    team = 'operations',
    hyperparameters,
    training = '',
    isBrought,
    withAlgorithm,
    image = 'launchway/flight-delays:1',
    more = '',
  }: DefinitionChanges,
) => `
schema: launchway/v1
model: ${model}
owner: ${OWNER}
team: ${team}
tier: standard
problem: { type: binary-classification, target: delayed, positiveClass: "1" }
columns: { id: flight_id, timestamp: scheduled_at${withAlgorithm ? ', others: ignore' : ''} }
features:
  - { name: hour, type: numeric }
${withAlgorithm ? '' : '  - { name: weekday, type: categorical }\n'}  - { name: distance, type: numeric }
${withAlgorithm ? '' : '  - { name: origin, type: categorical }\n  - { name: destination, type: categorical }\n'}training:
  ${
    isBrought
      ? 'artifact: model.tar.gz'
      : withAlgorithm
        ? 'algorithm: xgboost-1.7\n  hyperparameters: { num_round: 20, max_depth: 3 }'
        : `image: ${image}
  hyperparameters: { seed: 7${flaw ? `, flaw: ${flaw}` : ''}${hyperparameters ? `, ${hyperparameters}` : ''} }`
  }
  ${training}
validation: { gates: [{ metric: auc, atLeast: ${atLeast} }] }
${isBrought ? 'data: { test: { split: file } }\nserving: { image: "launchway/flight-delays:1" }\n' : ''}${more}`;

/** Real flights of January 2001, the first ones. */
export const januaryFlights = (rows = 2500): string => toCsv(flightsOf('2001-01').slice(0, rows));
