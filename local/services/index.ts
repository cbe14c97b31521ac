import { createIamService } from '../iam/service.ts';
import type { Cloud, Service } from '../service.ts';
import { createApiGatewayService } from './apigateway/index.ts';
import { createApplicationAutoScalingService } from './application-autoscaling/index.ts';
import { createCodeBuildService } from './codebuild/index.ts';
import { createDynamodbService } from './dynamodb/index.ts';
import { createEcrService } from './ecr/index.ts';
import { createEventsService } from './events/index.ts';
import { createKmsService } from './kms/index.ts';
import { createLambdaService } from './lambda/index.ts';
import { createLogsService } from './logs/index.ts';
import { createMonitoringService } from './monitoring/index.ts';
import { createS3Service } from './s3/index.ts';
import { createSageMakerService } from './sagemaker/index.ts';
import { createSchedulerService } from './scheduler/index.ts';
import { createSecretsManagerService } from './secretsmanager/index.ts';
import { createSesService } from './ses/index.ts';
import { createSnsService } from './sns/index.ts';
import { createSqsService } from './sqs/index.ts';
import { createStatesService } from './states/index.ts';
import { createStsService } from './sts/index.ts';

/** Every service of the local cloud; a folder per service, each exporting one `create…Service`. */
export const createServices = (cloud: Cloud): Service[] => [
  createIamService(cloud),
  createApiGatewayService(cloud),
  createApplicationAutoScalingService(cloud),
  createCodeBuildService(cloud),
  createDynamodbService(cloud),
  createEcrService(cloud),
  createEventsService(cloud),
  createKmsService(cloud),
  createLambdaService(cloud),
  createLogsService(cloud),
  createMonitoringService(cloud),
  createS3Service(cloud),
  createSageMakerService(cloud),
  createSchedulerService(cloud),
  createSecretsManagerService(cloud),
  createSesService(cloud),
  createSnsService(cloud),
  createSqsService(cloud),
  createStatesService(cloud),
  createStsService(cloud),
];
