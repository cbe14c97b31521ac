import { createGzip } from 'node:zlib';
import { pack } from 'tar-stream';
import { sha256Hex } from '../../adapters/sha256.ts';
import type { DeployedConfig, TeamConfig } from '../../domain/deployed-config.ts';
import type { ObjectRef } from '../../domain/model.ts';
import type { RegistryChange, RegistryEntry } from '../../domain/model-registry.ts';
import type { ImageReference } from '../../domain/training/images.ts';
import type { TrainingJob } from '../../domain/training/training-jobs.ts';
import type { Trial, TuningJob } from '../../domain/training/tuning-jobs.ts';
import { admitUpload } from '../../lambdas/admit-upload/admit-upload.ts';
import { closeRelease } from '../../lambdas/close-release/close-release.ts';
import { evaluateModel } from '../../lambdas/evaluate-model/evaluate-model.ts';
import { collectCaptures } from '../../lambdas/govern-retraining/collect-captures.ts';
import { governRetraining } from '../../lambdas/govern-retraining/govern-retraining.ts';
import { openRelease } from '../../lambdas/open-release/open-release.ts';
import { planTraining } from '../../lambdas/plan-training/plan-training.ts';
import { planValidation } from '../../lambdas/plan-validation/plan-validation.ts';
import { prepareChannels } from '../../lambdas/prepare-channels/prepare-channels.ts';
import { profileBaseline } from '../../lambdas/profile-baseline/profile-baseline.ts';
import { recordTraining } from '../../lambdas/record-training/record-training.ts';
import { registerModel } from '../../lambdas/register-model/register-model.ts';
import { sealArtifact } from '../../lambdas/seal-artifact/seal-artifact.ts';
import { sealDataset } from '../../lambdas/seal-dataset/seal-dataset.ts';
import { definitionReader } from '../../lambdas/shared/read-definition.ts';
import { FixedClock, InMemoryLineageStore, InMemoryMailer, InMemoryObjectStore } from './in-memory.ts';
import { InMemoryApprovalStore, InMemoryDecisionQueue, inMemoryWithdrawals } from './in-memory-approvals.ts';
import { InMemoryMonitoringStore } from './in-memory-monitoring-store.ts';
import { InMemoryQualityStore } from './in-memory-quality-store.ts';
import { InMemoryRollbackStore } from './in-memory-rollback-store.ts';
import { InMemoryStalenessStore } from './in-memory-staleness-store.ts';

export const INTAKE = 'launchway-test-intake-000000000000';
export const APPROVED = 'launchway-test-approved-000000000000';
export const CAPTURES = 'launchway-test-captures-000000000000';
export const ARTIFACTS = 'launchway-test-artifacts-000000000000';

export const config: DeployedConfig = {
  stage: { name: 'test', kind: 'dev' },
  prefix: 'launchway-test',
  teams: {
    operations: { members: ['dana'], images: ['launchway/flight-delays'], instanceTypes: ['ml.m5.large'] },
  },
  tiers: {
    standard: { approvals: { 'model-risk': 1 }, gates: [{ metric: 'auc', atLeast: 0.55 }], expiresBusinessHours: 24 },
  },
  roles: { 'model-risk': ['ada'] },
  people: {
    dana: { name: 'Dana', email: 'dana@example.com', principals: ['arn:aws:iam::000000000000:user/dana'] },
    ada: { name: 'Ada', email: 'ada@example.com', principals: ['AIDAADA', 'AROADESK'] },
    bo: { name: 'Bo', email: 'bo@example.com', principals: ['AROADESK'] },
  },
  mail: { from: 'launchway@example.com', operators: 'operators@example.com' },
};

/** The smallest definition that works, as text; `replace` changes it. */
export const definitionText = (change: (text: string) => string = (text) => text): string =>
  change(`schema: launchway/v1
model: flight-delays
owner: owner@example.com
team: operations
tier: standard
problem: { type: binary-classification, target: delayed, positiveClass: "1" }
columns: { id: flight_id, timestamp: scheduled_at, attributes: [carrier] }
features:
  - { name: distance, type: numeric, unit: mile }
  - { name: origin, type: categorical }
data: { checks: { minRows: 100 } }
training: { image: "launchway/flight-delays:1" }
`);

/** Flights whose distance tells a little about the delay; deterministic. */
export function flights(rows: number, first = 0): string {
  const lines = ['flight_id,scheduled_at,carrier,distance,origin,delayed'];
  for (let i = first; i < first + rows; i++) {
    const distance = (i * 7919) % 1000;
    const delayed = (distance + ((i * 104729) % 600)) % 1600 > 800 ? 1 : 0;
    const at = new Date(Date.UTC(2001, 0, 1) + i * 600_000).toISOString();
    lines.push(`f${i},${at},${i % 3 === 0 ? 'AA' : 'DL'},${distance},${['JFK', 'SFO', 'ORD'][i % 3]},${delayed}`);
  }
  return `${lines.join('\n')}\n`;
}

export async function tarGz(files: Readonly<Record<string, string>>): Promise<Uint8Array> {
  const archive = pack();
  for (const [name, content] of Object.entries(files)) archive.entry({ name }, content);
  archive.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of archive.pipe(createGzip())) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}

/** Everything from upload to evaluated model over in-memory stores. */
export class ReleaseWorld {
  readonly clock = new FixedClock();
  readonly ledger = new InMemoryLineageStore(this.clock.now);
  readonly monitoring = new InMemoryMonitoringStore();
  readonly rollbacks = new InMemoryRollbackStore(this.ledger);
  readonly staleness = new InMemoryStalenessStore();
  readonly labels = new InMemoryQualityStore();
  readonly objects = new InMemoryObjectStore(this.clock.now);
  readonly mailer = new InMemoryMailer();
  readonly started: { name: string; model: string; release: number }[] = [];
  readonly jobs = new Map<string, TrainingJob>();
  /** Searches for hyperparameters, by name. */
  readonly searches = new Map<string, { readonly job: TuningJob; readonly trials: Trial[] }>();
  /** Names of the training jobs that were paid for. */
  readonly trained: string[] = [];
  /** The model registry, by ARN. */
  readonly registered = new Map<string, RegistryEntry>();
  readonly logged: string[] = [];
  logLines: string[] = [];
  image: string | undefined = '000000000000.dkr.ecr.eu-west-1.amazonaws.com/launchway/flight-delays@sha256:aa';
  failStart: Error | undefined;
  readonly approvals = new InMemoryApprovalStore(this.ledger);
  readonly #config = structuredClone(config);
  #sequence = 0;

  /** Changes what the team may use. */
  allowing(team: Partial<TeamConfig>): this {
    Object.assign(this.#config.teams.operations!, team);
    return this;
  }

  get #common() {
    return {
      ledger: this.ledger,
      lineage: this.ledger,
      monitoring: this.monitoring,
      rollbacks: this.rollbacks,
      rollbackExecutions: this.rollbacks,
      labels: this.labels,
      objects: this.objects,
      mailer: this.mailer,
      config: this.#config,
      now: this.clock.now,
      images: {
        pin: async ({ registry, repository, tag }: ImageReference) =>
          registry === undefined
            ? this.image && `${this.image}${tag === '1' ? '' : tag}`
            : `${registry}.dkr.ecr.eu-west-1.amazonaws.com/${repository}@sha256:${sha256Hex(tag)}`,
      },
      executions: {
        start: async (name: string, input: { model: string; release: number }) => {
          if (this.failStart) throw this.failStart;
          if (!this.started.some((execution) => execution.name === name)) this.started.push({ name, ...input });
        },
      },
      staleness: this.staleness,
      stalenessExecutions: this.staleness,
      log: { error: (message: string, error: Error) => void this.logged.push(`${message}: ${error.message}`) },
      readDefinition: definitionReader(this.objects, this.#config),
      registry: {
        register: async (entry: RegistryEntry) => {
          const arn = `arn:aws:sagemaker:eu-west-1:000000000000:model-package/${entry.group}/${this.registered.size + 1}`;
          this.registered.set(arn, entry);
          return arn;
        },
        setStatus: async (arn: string, { status, stage }: RegistryChange) => {
          this.registered.set(arn, { ...this.registered.get(arn)!, status, stage });
        },
      },
      jobs: { find: async (name: string) => this.jobs.get(name) },
      tuningJobs: {
        find: async (name: string) => this.searches.get(name)?.job,
        trials: async (name: string) => this.searches.get(name)?.trials ?? [],
      },
      account: '000000000000',
      region: 'eu-west-1',
      prefix: 'launchway-test',
      approvedBucket: APPROVED,
      artifactsBucket: ARTIFACTS,
      intakeBucket: INTAKE,
      buckets: { intake: INTAKE, approved: APPROVED, artifacts: ARTIFACTS },
      logs: { tail: async () => this.logLines },
      approvals: this.approvals,
      withdrawals: inMemoryWithdrawals({
        approvals: this.approvals,
        decisions: new InMemoryDecisionQueue(),
        config,
        now: this.clock.now,
        onUnannounced: (error) => {
          throw error;
        },
      }),
    };
  }

  /** As its handler has it: uploads go through the admission once they are announced. */
  readonly governRetraining = governRetraining({
    ...this.#common,
    collectCaptures: collectCaptures({
      ...this.#common,
      quality: this.labels,
      readDefinition: definitionReader(this.objects),
      buckets: { captures: CAPTURES, intake: INTAKE },
    }),
  });
  readonly admitUpload = admitUpload(this.#common);
  readonly openRelease = openRelease(this.#common);
  readonly sealDataset = sealDataset(this.#common);
  readonly prepareChannels = prepareChannels(this.#common);
  readonly profileBaseline = profileBaseline(this.#common);
  readonly planTraining = planTraining(this.#common);
  readonly recordTraining = recordTraining(this.#common);
  readonly sealArtifact = sealArtifact(this.#common);
  readonly planValidation = planValidation(this.#common);
  readonly evaluateModel = evaluateModel(this.#common);
  readonly registerModel = registerModel(this.#common);
  readonly closeRelease = closeRelease(this.#common);

  /** Stores an object in the intake and returns the message that announces it. */
  async upload(key: string, body: string | Uint8Array, principal = 'AWS:dana') {
    const object = await this.objects.put({ bucket: INTAKE, key }, body, 'text/plain');
    return this.announce(object, principal);
  }

  announce(object: ObjectRef, principal = 'AWS:dana') {
    this.#sequence += 1;
    this.clock.advance(1000);
    const record = {
      eventSource: 'aws:s3',
      eventName: 'ObjectCreated:Put',
      eventTime: this.clock.now().toISOString(),
      userIdentity: { principalId: principal },
      s3: {
        bucket: { name: object.bucket },
        object: {
          key: encodeURIComponent(object.key).replaceAll('%20', '+'),
          versionId: object.versionId,
          sequencer: (0x1000 + this.#sequence).toString(16),
        },
      },
    };
    return { messageId: `m${this.#sequence}`, body: JSON.stringify({ Records: [record] }) };
  }

  async deliver(...messages: { messageId: string; body: string }[]) {
    return this.admitUpload({ Records: messages });
  }

  /** A model with its definition accepted. */
  async withModel(text: string = definitionText()): Promise<this> {
    await this.deliver(await this.upload('models/flight-delays/model.yaml', text));
    return this;
  }

  /** Goes on from an admitted release to one whose data are ready, as the workflow does. */
  async prepare(release: number): Promise<void> {
    const at = { model: 'flight-delays', release };
    const { executionName } = await this.ledger.getRelease(at.model, release);
    await this.openRelease({ ...at, executionName });
    await this.sealDataset(at);
    await this.prepareChannels(at);
    await this.profileBaseline(at);
  }

  /** Goes on from an admitted release to a trained one, as the workflow does. */
  async train(release: number, files: Readonly<Record<string, string>> = { 'model.json': '{}' }): Promise<void> {
    const at = { model: 'flight-delays', release };
    await this.prepare(release);
    const plan = await this.planTraining({ ...at, attempt: '0-0' });
    if (plan.action === 'adopt') {
      await this.recordTraining({ ...at, jobName: plan.jobName });
      return;
    }
    this.trained.push(plan.jobName);
    const key = `operations/flight-delays/releases/${release}/training/${plan.jobName}/output/model.tar.gz`;
    await this.objects.put({ bucket: ARTIFACTS, key }, await tarGz(files), 'application/gzip');
    this.jobs.set(
      plan.jobName,
      trainingJob(plan.jobName, {
        artifactUri: `s3://${ARTIFACTS}/${key}`,
        tags: new Map(plan.tags.map(({ Key, Value }) => [Key, Value])),
      }),
    );
    await this.recordTraining({ ...at, jobName: plan.jobName });
  }

  /** Runs a plan's transforms and evaluates, as the workflow does. */
  async validate(
    release: number,
    candidate: (features: string[]) => string | number,
    champion: (features: string[]) => string | number = candidate,
  ) {
    const at = { model: 'flight-delays', release };
    const plan = await this.planValidation({ ...at, attempt: '0-0' });
    await this.transform(plan.candidate.outputUri, plan.candidate.inputUri, candidate);
    if (plan.copies) await this.transform(plan.copies.outputUri, plan.copies.inputUri, candidate);
    if (plan.champion) await this.transform(plan.champion.outputUri, plan.champion.inputUri, champion);
    return this.evaluateModel({
      ...at,
      candidateOutputUri: plan.candidate.outputUri,
      importance: plan.importance,
      seconds: { candidate: 20, ...(plan.copies && { copies: 50 }), ...(plan.champion && { champion: 10 }) },
      ...(plan.copies && { copiesOutputUri: plan.copies.outputUri }),
      ...(plan.champion && { championOutputUri: plan.champion.outputUri }),
    });
  }

  /** Writes a transform job's output: one score per held-out row. */
  async transform(outputUri: string, inputUri: string, score: (features: string[]) => string | number): Promise<void> {
    const { pathname, host } = new URL(inputUri);
    const text = await this.objects.readText({ bucket: host, key: pathname.slice(1) });
    const scores = text
      .trimEnd()
      .split('\n')
      .map((line) => score(line.split(',')));
    const out = new URL(`${outputUri}/features.csv.out`);
    await this.objects.put({ bucket: out.host, key: out.pathname.slice(1) }, `${scores.join('\n')}\n`, 'text/csv');
  }
}

export const trainingJob = (name: string, change: Partial<TrainingJob> = {}): TrainingJob => ({
  name,
  arn: `arn:aws:sagemaker:eu-west-1:000000000000:training-job/${name}`,
  status: 'Completed',
  image: 'image@sha256:aa',
  seconds: 42,
  instanceType: 'ml.m5.large',
  instanceCount: 1,
  tags: new Map(),
  ...change,
});
