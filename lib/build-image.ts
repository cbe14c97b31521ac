import { RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { CfnProject } from 'aws-cdk-lib/aws-codebuild';
import type { IRepository } from 'aws-cdk-lib/aws-ecr';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { allow } from './permission.ts';
import type { StorageStack } from './storage-stack.ts';

/** Properties for BuildImage. */
export interface BuildImageProps {
  readonly prefix: string;
  readonly team: string;
  readonly storage: StorageStack;
}

const BUILDSPEC = `version: 0.2
phases:
  pre_build:
    commands:
      - aws ecr get-login-password --region $AWS_DEFAULT_REGION | docker login --username AWS --password-stdin "$REGISTRY"
  build:
    commands:
      - docker build --tag "$REGISTRY/$REPOSITORY:$TAG" .
  post_build:
    commands:
      - test "$CODEBUILD_BUILD_SUCCEEDING" = 1
      - docker push "$REGISTRY/$REPOSITORY:$TAG"
`;

const PUSH = [
  'ecr:BatchCheckLayerAvailability',
  'ecr:InitiateLayerUpload',
  'ecr:UploadLayerPart',
  'ecr:CompleteLayerUpload',
  'ecr:PutImage',
  'ecr:BatchGetImage',
];

/**
 * Builds an image of a source that a team uploads, so that nobody needs Docker; reads that team's sources and pushes to that team's
 * repository, and no other's. Whoever may start a build may run anything as its role, so the role may do nothing else.
 */
export class BuildImage extends Construct {
  constructor(scope: Construct, id: string, { prefix, team, storage }: BuildImageProps) {
    super(scope, id);
    const stack = Stack.of(this);
    const name = `${prefix}-${team}-build-image`;
    const repository = storage.images[team]!;
    const logs = new LogGroup(this, 'Logs', {
      logGroupName: `/aws/codebuild/${name}`,
      retention: RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = this.#role(name, team, storage, repository, logs);
    const project = new CfnProject(this, 'Project', {
      name,
      description: `Builds images of team ${team}`,
      serviceRole: role.roleArn,
      artifacts: { type: 'NO_ARTIFACTS' },
      timeoutInMinutes: 60,
      environment: {
        type: 'LINUX_CONTAINER',
        computeType: 'BUILD_GENERAL1_MEDIUM',
        image: 'aws/codebuild/standard:7.0',
        privilegedMode: true,
        environmentVariables: [
          { name: 'REGISTRY', value: `${stack.account}.dkr.ecr.${stack.region}.${stack.urlSuffix}` },
          { name: 'REPOSITORY', value: `${prefix}/${team}` },
        ],
      },
      // Each build names its own source.
      source: { type: 'S3', location: `${storage.intake.bucketName}/images/${team}/source.zip`, buildSpec: BUILDSPEC },
      logsConfig: { cloudWatchLogs: { status: 'ENABLED', groupName: logs.logGroupName } },
    });
    project.node.addDependency(role);
    Validations.of(project).acknowledge({
      id: 'AwsSolutions-CB3',
      reason:
        'docker build needs a Docker daemon, which runs in a privileged container only; its role reaches one team and one repository.',
    });
    Validations.of(project).acknowledge({
      id: 'AwsSolutions-CB4',
      reason: 'The project keeps no artifacts; what it pushes is encrypted by the registry.',
    });
  }

  #role(name: string, team: string, storage: StorageStack, repository: IRepository, logs: LogGroup): Role {
    const stack = Stack.of(this);
    const role = new Role(this, 'Role', {
      roleName: name,
      description: `CodeBuild for images of team ${team}`,
      assumedBy: new ServicePrincipal('codebuild.amazonaws.com', {
        conditions: {
          StringEquals: {
            'aws:SourceAccount': stack.account,
            'aws:SourceArn': stack.formatArn({ service: 'codebuild', resource: 'project', resourceName: name }),
          },
        },
      }),
    });
    allow(role, {
      actions: ['s3:GetObject', 's3:GetObjectVersion'],
      resources: [storage.intake.objectArn(`images/${team}/*`)],
      because: "Sources are named by their contents; only this team's folder.",
    });
    // CodeBuild looks up whose and where the bucket of a source is; it need not list it.
    allow(role, { actions: ['s3:GetBucketAcl', 's3:GetBucketLocation'], resources: [storage.intake.bucketArn] });
    allow(role, {
      // CodeBuild asks for the group even where it is there.
      actions: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [logs.logGroupArn],
      because: 'Each build has a log stream of its own, which CodeBuild names.',
    });
    allow(role, {
      actions: ['ecr:GetAuthorizationToken'],
      resources: ['*'],
      because: 'ecr:GetAuthorizationToken has no resource types.',
    });
    allow(role, { actions: PUSH, resources: [repository.repositoryArn] });
    return role;
  }
}
