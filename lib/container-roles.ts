import { ArnFormat, Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { AWS_REPOSITORIES } from '../lambdas/admit-upload/contract.ts';
import type { LaunchwayConfig } from './config.ts';
import { allow, type Permission } from './permission.ts';
import type { StorageStack } from './storage-stack.ts';

const UNDER_TEAM = "The team's prefix: a model is a row, so its objects are not known when the role is made.";

const PULL_IMAGE = ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'];

/** What a container is for. */
export type ContainerPurpose = 'train' | 'transform' | 'serve';

/** Properties for ContainerRoles. */
export interface ContainerRolesProps {
  readonly prefix: string;
  readonly storage: StorageStack;
  readonly teams: readonly string[];
  /** Image repositories by team. */
  readonly images: Readonly<Record<string, readonly string[]>>;
  readonly vpc?: LaunchwayConfig['vpc'];
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
  passStatement(purpose: ContainerPurpose): Permission {
    return {
      actions: ['iam:PassRole'],
      resources: (this.#roles.get(purpose) ?? []).map((role) => role.roleArn),
      conditions: { StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' } },
    };
  }

  #role(team: string, purpose: ContainerPurpose, { prefix, storage, images, vpc }: ContainerRolesProps): Role {
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
    const read = (arns: string[]) => ({ actions: ['s3:GetObject'], resources: arns, because: UNDER_TEAM });
    const write = (arns: string[]) => ({
      actions: ['s3:PutObject', 's3:AbortMultipartUpload'],
      resources: arns,
      because: UNDER_TEAM,
    });
    const list = (bucketArn: string, keys = under) => ({
      actions: ['s3:ListBucket'],
      resources: [bucketArn],
      conditions: { StringLike: { 's3:prefix': [keys] } },
    });

    allow(role, read([approved.objectArn(under)]));
    allow(role, list(approved.bucketArn));
    if (purpose === 'train') {
      const checkpoints = [artifacts.objectArn(`${team}/*/checkpoints/*`)];
      allow(role, write([artifacts.objectArn(`${team}/*/training/*`), ...checkpoints]));
      // A spot job that was interrupted goes on from these.
      allow(role, read(checkpoints));
      allow(role, list(artifacts.bucketArn, `${team}/*/checkpoints/*`));
    }
    if (purpose === 'transform') {
      allow(role, write([artifacts.objectArn(`${team}/*/transform/*`)]));
      // Captured rows that the last versions are held against each other on.
      allow(role, read([captures.objectArn(`${team}/*/staleness/*`)]));
      allow(role, list(captures.bucketArn, `${team}/*/staleness/*`));
    }
    if (purpose === 'serve') {
      allow(role, write([captures.objectArn(under)]));
      // SageMaker looks at a rollout's alarms under the role of what takes over.
      allow(role, {
        actions: ['cloudwatch:DescribeAlarms'],
        resources: [rolloutAlarmsArn(this, prefix)],
        because: "An endpoint's alarms are made with its first update: a model is a row.",
      });
    }
    for (const statement of this.#runtimeStatements(images[team] ?? [])) allow(role, statement);
    for (const statement of networkStatements(stack, vpc)) allow(role, statement);
    return role;
  }

  /** Logs, metrics and images: what SageMaker itself does under the role. */
  #runtimeStatements(images: readonly string[]): Permission[] {
    const stack = Stack.of(this);
    const logGroups = stack.formatArn({
      service: 'logs',
      resource: 'log-group',
      resourceName: '/aws/sagemaker/*',
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    return [
      {
        actions: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DescribeLogStreams'],
        resources: [logGroups],
        because: 'SageMaker names its log groups and streams itself, all under /aws/sagemaker/.',
      },
      {
        actions: ['cloudwatch:PutMetricData'],
        resources: ['*'],
        because: 'cloudwatch:PutMetricData has no resource types; it is limited by namespace.',
        conditions: { StringLike: { 'cloudwatch:namespace': ['AWS/SageMaker', '/aws/sagemaker/*'] } },
      },
      {
        actions: ['ecr:GetAuthorizationToken'],
        resources: ['*'],
        because: 'ecr:GetAuthorizationToken has no resource types.',
      },
      {
        actions: PULL_IMAGE,
        resources: AWS_REPOSITORIES.map((resourceName) =>
          stack.formatArn({ service: 'ecr', account: '*', resource: 'repository', resourceName }),
        ),
        because: "AWS's own images stand in another account of AWS in each region; the name is theirs.",
      },
      ...(images.length
        ? [
            {
              actions: PULL_IMAGE,
              resources: images.map((image) =>
                stack.formatArn({ service: 'ecr', resource: 'repository', resourceName: image }),
              ),
            },
          ]
        : []),
    ];
  }
}

/** The alarms that watch versions take over, of every endpoint. */
export const rolloutAlarmsArn = (scope: Construct, prefix: string): string =>
  Stack.of(scope).formatArn({
    service: 'cloudwatch',
    resource: 'alarm',
    resourceName: `${prefix}-*-rollout-*`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });

/** In a VPC, SageMaker gives each container a network interface, under the container's role. */
function networkStatements(stack: Stack, vpc: LaunchwayConfig['vpc']): Permission[] {
  if (!vpc) return [];
  const ec2 = (resource: string, resourceName: string) => stack.formatArn({ service: 'ec2', resource, resourceName });
  const interfaces = ec2('network-interface', '*');
  const because = 'Network interfaces are made for each container, and have no names of ours.';
  return [
    {
      actions: ['ec2:CreateNetworkInterface'],
      resources: [
        interfaces,
        ...vpc.subnets.map((id) => ec2('subnet', id)),
        ...vpc.securityGroups.map((id) => ec2('security-group', id)),
      ],
      because,
    },
    {
      actions: ['ec2:CreateNetworkInterfacePermission'],
      resources: [interfaces],
      because,
      conditions: { StringEquals: { 'ec2:AuthorizedService': 'sagemaker.amazonaws.com' } },
    },
    {
      actions: ['ec2:DeleteNetworkInterface', 'ec2:DeleteNetworkInterfacePermission'],
      resources: [interfaces],
      because,
    },
    {
      actions: [
        'ec2:DescribeNetworkInterfaces',
        'ec2:DescribeVpcs',
        'ec2:DescribeDhcpOptions',
        'ec2:DescribeSubnets',
        'ec2:DescribeSecurityGroups',
      ],
      resources: ['*'],
      because: "EC2's descriptions have no resource types.",
    },
  ];
}
