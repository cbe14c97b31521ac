import { ArnFormat, Stack, Validations } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { StorageStack } from './storage-stack.ts';

/** What a container is for. */
export type ContainerPurpose = 'train' | 'transform' | 'serve';

/** Properties for ContainerRoles. */
export interface ContainerRolesProps {
  readonly prefix: string;
  readonly storage: StorageStack;
  readonly teams: readonly string[];
  /** Image repositories by team. */
  readonly images: Readonly<Record<string, readonly string[]>>;
}

/**
 * One role per team and purpose, which SageMaker uses on behalf of that team's containers.
 *
 * The containers themselves hold no credentials (network isolation). A role reaches its team's prefix and nothing else, so one
 * team's container can read no other team's data.
 */
export class ContainerRoles extends Construct {
  readonly #roles = new Map<ContainerPurpose, Role[]>();

  constructor(scope: Construct, id: string, props: ContainerRolesProps) {
    super(scope, id);
    for (const team of props.teams) {
      for (const purpose of ['train', 'transform', 'serve'] as const) {
        const role = this.#role(team, purpose, props);
        this.#roles.set(purpose, [...(this.#roles.get(purpose) ?? []), role]);
      }
    }
  }

  /** Allows a workflow to hand the roles of one purpose to SageMaker, and to nobody else. */
  passStatement(purpose: ContainerPurpose): PolicyStatement {
    return new PolicyStatement({
      actions: ['iam:PassRole'],
      resources: (this.#roles.get(purpose) ?? []).map((role) => role.roleArn),
      conditions: { StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' } },
    });
  }

  #role(team: string, purpose: ContainerPurpose, { prefix, storage, images }: ContainerRolesProps): Role {
    const stack = Stack.of(this);
    const role = new Role(this, `${team}-${purpose}`, {
      roleName: `${prefix}-${team}-${purpose}`,
      description: `SageMaker on behalf of team ${team}: ${purpose}`,
      assumedBy: new ServicePrincipal('sagemaker.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': stack.account } },
      }),
    });
    const under = `${team}/*`;
    const { approved, artifacts, captures } = storage;
    const read = (arns: string[]) => new PolicyStatement({ actions: ['s3:GetObject'], resources: arns });
    const write = (arns: string[]) =>
      new PolicyStatement({ actions: ['s3:PutObject', 's3:AbortMultipartUpload'], resources: arns });
    const list = (bucketArn: string) =>
      new PolicyStatement({
        actions: ['s3:ListBucket'],
        resources: [bucketArn],
        conditions: { StringLike: { 's3:prefix': [under] } },
      });

    role.addToPolicy(read([approved.arnForObjects(under)]));
    role.addToPolicy(list(approved.bucketArn));
    if (purpose === 'train') role.addToPolicy(write([artifacts.arnForObjects(`${team}/*/training/*`)]));
    if (purpose === 'transform') role.addToPolicy(write([artifacts.arnForObjects(`${team}/*/transform/*`)]));
    if (purpose === 'serve') role.addToPolicy(write([captures.arnForObjects(under)]));
    for (const statement of this.#runtimeStatements(images[team] ?? [])) role.addToPolicy(statement);
    this.#acknowledge(role);
    return role;
  }

  /** Logs, metrics and images: what SageMaker itself does under the role. */
  #runtimeStatements(images: readonly string[]): PolicyStatement[] {
    const stack = Stack.of(this);
    const logGroups = stack.formatArn({
      service: 'logs',
      resource: 'log-group',
      resourceName: '/aws/sagemaker/*',
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    return [
      new PolicyStatement({
        actions: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DescribeLogStreams'],
        resources: [logGroups],
      }),
      new PolicyStatement({
        actions: ['cloudwatch:PutMetricData'],
        resources: ['*'],
        conditions: { StringLike: { 'cloudwatch:namespace': ['AWS/SageMaker', '/aws/sagemaker/*'] } },
      }),
      new PolicyStatement({ actions: ['ecr:GetAuthorizationToken'], resources: ['*'] }),
      ...(images.length
        ? [
            new PolicyStatement({
              actions: ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
              resources: images.map((image) =>
                stack.formatArn({ service: 'ecr', resource: 'repository', resourceName: image }),
              ),
            }),
          ]
        : []),
    ];
  }

  #acknowledge(role: Role): void {
    Validations.of(role).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::*]',
      reason:
        'ecr:GetAuthorizationToken and cloudwatch:PutMetricData have no resource types; metrics are limited by namespace.',
    });
  }
}
