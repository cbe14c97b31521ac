import { Duration, RemovalPolicy, Stack, type StackProps, Validations } from 'aws-cdk-lib';
import { AttributeType, Billing, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Repository, TagMutability } from 'aws-cdk-lib/aws-ecr';
import { AnyPrincipal, Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type BucketProps,
  type CfnBucket,
  type LifecycleRule,
  ObjectLockRetention,
} from 'aws-cdk-lib/aws-s3';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { type LaunchwayConfig, prefixOf, teamRepository } from './config.ts';
import { queueWithDeadLetters } from './dead-letters.ts';
import type { LiveKeys } from './live-keys.ts';

/** A bucket whose objects' ARNs are written by name, so that a policy in another stack reads as what it is. */
export class NamedBucket extends Bucket {
  readonly #named: string;

  constructor(scope: Construct, id: string, props: BucketProps & { readonly bucketName: string }) {
    super(scope, id, props);
    this.#named = props.bucketName;
  }

  objectArn(keys: string): string {
    return Stack.of(this).formatArn({
      service: 's3',
      region: '',
      account: '',
      resource: this.#named,
      resourceName: keys,
    });
  }
}

/** Properties for StorageStack. */
export interface StorageStackProps extends StackProps {
  readonly config: LaunchwayConfig;
}

/** What must outlive any version of the pipeline: uploads, artifacts, captures, sealed bytes, lineage and keys. */
export class StorageStack extends Stack {
  /** People upload here; every object is a version. */
  readonly intake: NamedBucket;
  /** Told of every upload. It stands beside the bucket because S3 checks that it may send when the bucket is made. */
  readonly intakeQueue: Queue;
  readonly intakeDeadLetters: Queue;
  /** What jobs and functions write: training output, evaluations, profiles, reports. */
  readonly artifacts: NamedBucket;
  readonly captures: NamedBucket;
  /** Write-once, content-addressed: nothing in it is ever replaced or deleted. */
  readonly approved: NamedBucket;
  /** Heads of the audit chains, under Object Lock: nobody can change or delete one before its time. */
  readonly heads: NamedBucket;
  /** One per team: images that are built of uploaded sources. */
  readonly images: Readonly<Record<string, Repository>>;
  readonly table: TableV2;
  /** Encrypts task tokens at rest. */
  readonly tokenKey: Key;
  /** Encrypts the tokens of tasks that wait for instances: whoever gives those out can open no approval's. */
  readonly slotKey: Key;
  /** Sign approval links, and nothing else: whoever may sign with one could vote for anyone. */
  readonly linkKeys: LiveKeys;
  /** Sign the links of those who submit. */
  readonly submissionKeys: LiveKeys;
  /** Sign the links of incidents' mails. */
  readonly incidentKeys: LiveKeys;
  /** Signs sessions of people who have signed in; absent where no issuer is configured. */
  readonly sessionKey: Key | undefined;

  constructor(scope: Construct, id: string, { config, ...props }: StorageStackProps) {
    super(scope, id, props);
    const prefix = prefixOf(config);

    const intakeQueue = queueWithDeadLetters(this, 'Intake', `${prefix}-intake`, {
      visibilityTimeout: Duration.minutes(6),
    });
    this.intakeQueue = intakeQueue.queue;
    this.intakeDeadLetters = intakeQueue.deadLetters;
    this.intake = this.#bucket('IntakeBucket', `${prefix}-intake`, { versioned: true });
    this.#notifyOfUploads(`${prefix}-intake-${this.account}`);

    this.artifacts = this.#bucket('ArtifactsBucket', `${prefix}-artifacts`, { versioned: true });
    this.captures = this.#bucket('CapturesBucket', `${prefix}-captures`, {
      lifecycle: [{ expiration: Duration.days(400) }],
    });
    this.approved = this.#bucket('ApprovedBucket', `${prefix}-approved`, { versioned: true });
    this.heads = this.#bucket('HeadsBucket', `${prefix}-heads`, { versioned: true, lock: headsLock(config) });
    for (const bucket of [this.approved, this.heads]) this.#writeOnce(bucket);
    this.images = Object.fromEntries(Object.keys(config.teams).map((team) => [team, this.#repository(prefix, team)]));

    this.table = new TableV2(this, 'Lineage', {
      tableName: `${prefix}-lineage`,
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      globalSecondaryIndexes: [
        {
          indexName: 'byLookup',
          partitionKey: { name: 'lookup', type: AttributeType.STRING },
          sortKey: { name: 'sk', type: AttributeType.STRING },
        },
      ],
      billing: Billing.onDemand(),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });

    this.slotKey = new Key(this, 'SlotKey', {
      alias: `${prefix}-slot`,
      enableKeyRotation: true,
      description: 'Encrypts the task tokens of trainings that wait for instances',
    });
    this.tokenKey = new Key(this, 'TokenKey', {
      alias: `${prefix}-token`,
      enableKeyRotation: true,
      description: 'Encrypts the task tokens of waiting approvals',
    });
    this.linkKeys = this.#generations('LinkKey', `${prefix}-link`, 'Signs approval links', config.linkKeys);
    this.submissionKeys = this.#generations(
      'SubmissionKey',
      `${prefix}-submission`,
      'Signs the links of those who submit',
      config.linkKeys,
    );
    this.incidentKeys = this.#generations(
      'IncidentKey',
      `${prefix}-incident`,
      'Signs the links of incidents',
      config.linkKeys,
    );
    this.sessionKey = config.issuer
      ? this.#macKey('SessionKey', `${prefix}-session`, 'Signs sessions of people who have signed in')
      : undefined;
  }

  /**
   * A key per generation. Those of former generations stay, disabled: a key that is gone cannot be looked at, and what the other
   * stack imported yesterday cannot be taken away before that stack is updated.
   */
  #generations(id: string, alias: string, description: string, live: LaunchwayConfig['linkKeys']): LiveKeys {
    const keys = Array.from({ length: live.generation }, (_, i) => {
      const generation = i + 1;
      const suffix = generation === 1 ? '' : `${generation}`;
      const isLive = generation === live.generation || (live.acceptFormer && generation === live.generation - 1);
      const key = this.#macKey(`${id}${suffix}`, `${alias}${suffix && `-${suffix}`}`, description, isLive);
      this.exportValue(key.keyArn);
      return key;
    });
    const former = live.acceptFormer ? keys.at(-2) : undefined;
    return { signing: keys.at(-1)!, ...(former && { former }) };
  }

  #macKey(id: string, alias: string, description: string, enabled = true): Key {
    return new Key(this, id, {
      alias,
      keySpec: KeySpec.HMAC_256,
      keyUsage: KeyUsage.GENERATE_VERIFY_MAC,
      description,
      enabled,
    });
  }

  /** What serves must be what was approved for as long as it may serve: a tag is never another image, and none expires. */
  #repository(prefix: string, team: string): Repository {
    return new Repository(this, `Images-${team}`, {
      repositoryName: teamRepository(prefix, team),
      imageTagMutability: TagMutability.IMMUTABLE,
      imageScanOnPush: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
  }

  #bucket(
    id: string,
    name: string,
    options: { versioned?: boolean; lifecycle?: LifecycleRule[]; lock?: ObjectLockRetention },
  ): NamedBucket {
    const bucket = new NamedBucket(this, id, {
      bucketName: `${name}-${this.account}`,
      versioned: options.versioned ?? false,
      ...(options.lock && { objectLockEnabled: true, objectLockDefaultRetention: options.lock }),
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      removalPolicy: RemovalPolicy.RETAIN,
      lifecycleRules: [{ abortIncompleteMultipartUploadAfter: Duration.days(7) }, ...(options.lifecycle ?? [])],
    });
    Validations.of(bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason:
        'Access is audited by CloudTrail data events where an account turns them on; access logs would be a second, unordered copy.',
    });
    return bucket;
  }

  /** On the L1: the L2's addEventNotification adds a Python custom resource. S3's own notification names the uploader; EventBridge's does not. */
  #notifyOfUploads(intakeName: string): void {
    (this.intake.node.defaultChild as CfnBucket).notificationConfiguration = {
      queueConfigurations: [
        {
          event: 's3:ObjectCreated:*',
          queue: this.intakeQueue.queueArn,
          filter: { s3Key: { rules: [{ name: 'prefix', value: 'models/' }] } },
        },
      ],
    };
    this.intakeQueue.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('s3.amazonaws.com')],
        actions: ['sqs:SendMessage'],
        resources: [this.intakeQueue.queueArn],
        conditions: {
          // By name: the bucket waits for this policy, so the policy cannot refer to the bucket.
          ArnEquals: {
            'aws:SourceArn': this.formatArn({ service: 's3', region: '', account: '', resource: intakeName }),
          },
          StringEquals: { 'aws:SourceAccount': this.account },
        },
      }),
    );
    this.intake.node.addDependency(this.intakeQueue);
  }

  #writeOnce(bucket: NamedBucket): void {
    bucket.addToResourcePolicy(
      new PolicyStatement({
        sid: 'OnlyNewKeys',
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: ['s3:PutObject'],
        resources: [bucket.arnForObjects('*')],
        conditions: { Null: { 's3:if-none-match': 'true' }, Bool: { 's3:ObjectCreationOperation': 'true' } },
      }),
    );
    bucket.addToResourcePolicy(
      new PolicyStatement({
        sid: 'NothingIsDeleted',
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: ['s3:DeleteObject', 's3:DeleteObjectVersion'],
        resources: [bucket.arnForObjects('*')],
      }),
    );
  }
}

/** In production nobody can shorten it, the account's root included; elsewhere a deployment must be possible to take down. */
const headsLock = ({ stage, audit }: LaunchwayConfig): ObjectLockRetention =>
  stage.kind === 'prod'
    ? ObjectLockRetention.compliance(Duration.days(365 * audit.retainYears))
    : ObjectLockRetention.governance(Duration.days(30));
