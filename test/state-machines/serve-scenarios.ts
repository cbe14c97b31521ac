import { failure } from '../support/run-workflow.ts';
import {
  alarmed,
  deploying,
  endpoint,
  exists,
  noEndpoint,
  notRolledBack,
  retried,
  rollingBack,
  type Scenario,
  served,
  serving,
  watched,
} from './scenario.ts';

/** How a version comes to serve, and is taken back. */
export const SERVING: Record<string, readonly Scenario[]> = {
  'serve-version': [
    {
      says: 'creates a first endpoint',
      answers: {
        ...serving,
        describeEndpoint: [...retried(noEndpoint), endpoint('Creating'), endpoint('InService')],
      },
      ends: 'Version Serves',
    },
    {
      says: 'updates one that serves',
      answers: {
        ...serving,
        describeEndpoint: [endpoint('InService', 'e-v6'), endpoint('Updating', 'e-v6'), endpoint('InService')],
      },
      ends: 'Version Serves',
    },
    {
      says: 'does nothing where it serves already',
      answers: { ...serving, describeEndpoint: endpoint('InService') },
      ends: 'Version Serves',
    },
    {
      says: 'goes on where an earlier attempt made the model and its configuration',
      answers: {
        ...serving,
        createModel: exists,
        createEndpointConfig: failure(
          'SageMaker.SageMakerException',
          'Cannot create already existing endpoint configuration',
        ),
        describeEndpoint: endpoint('InService'),
      },
      ends: 'Version Serves',
    },
    {
      says: 'waits for an endpoint that is busy',
      answers: {
        ...serving,
        describeEndpoint: [endpoint('SystemUpdating', 'e-v6'), endpoint('InService', 'e-v6'), endpoint('InService')],
      },
      ends: 'Version Serves',
    },
    {
      says: 'replaces one that failed to be made',
      answers: {
        ...serving,
        describeEndpoint: [endpoint('Failed', 'e-v6'), ...retried(noEndpoint), endpoint('InService')],
      },
      ends: 'Version Serves',
    },
    {
      says: 'sees a silent roll-back by the name of the configuration',
      answers: {
        ...serving,
        describeEndpoint: [endpoint('InService', 'e-v6'), endpoint('InService', 'e-v6', { FailureReason: 'alarm' })],
      },
      ends: 'Endpoint Rolled Back',
    },
    {
      says: 'watches the new configuration by alarms before it takes over',
      answers: watched,
      ends: 'Version Serves',
    },
    {
      says: 'says so where the alarms took it back',
      answers: {
        ...watched,
        describeEndpoint: [endpoint('InService', 'e-v6'), endpoint('InService', 'e-v6', { FailureReason: 'alarm' })],
      },
      ends: 'Endpoint Rolled Back',
    },
    {
      says: 'waits for an alarm of the release before to be quiet',
      answers: { ...watched, describeAlarms: [alarmed('OK', 'ALARM'), alarmed('OK', 'ALARM'), alarmed('OK', 'OK')] },
      ends: 'Version Serves',
    },
    {
      says: 'updates nothing where an alarm stays',
      answers: { ...watched, describeAlarms: alarmed('OK', 'ALARM') },
      ends: 'Rollout Not Watched',
    },
    {
      says: 'updates nothing where an alarm is missing',
      answers: { ...watched, describeAlarms: alarmed('OK') },
      ends: 'Rollout Not Watched',
    },
    {
      says: 'updates nothing where there is no alarm',
      answers: { ...watched, describeAlarms: {} },
      ends: 'Rollout Not Watched',
    },
    {
      says: 'watches nothing where the endpoint serves nothing any more',
      answers: {
        ...watched,
        describeEndpoint: [endpoint('UpdateRollbackFailed', 'e-v6'), endpoint('InService')],
      },
      ends: 'Version Serves',
    },
    {
      says: 'sees an update that failed',
      answers: {
        ...serving,
        describeEndpoint: [endpoint('InService', 'e-v6'), endpoint('Failed', 'e-v7-abc', { FailureReason: 'ping' })],
      },
      ends: 'Endpoint Failed',
    },
    {
      says: 'gives up on an endpoint that stays busy',
      answers: { ...serving, describeEndpoint: endpoint('Updating', 'e-v6') },
      ends: 'Endpoint Stuck',
    },
    {
      says: 'gives up on an update that never settles',
      answers: { ...serving, describeEndpoint: [endpoint('InService', 'e-v6'), endpoint('Updating', 'e-v6')] },
      ends: 'Endpoint Stuck',
    },
    {
      says: 'waits for an update whose answer was lost: asked again, SageMaker says that it is under way',
      answers: {
        ...serving,
        updateEndpoint: retried(failure('SageMaker.SageMakerException', 'Cannot update in-progress endpoint "e".')),
        describeEndpoint: [endpoint('InService', 'e-v6'), endpoint('Updating', 'e-v6'), endpoint('InService')],
      },
      ends: 'Version Serves',
    },
    {
      says: 'waits for a first endpoint whose answer never came',
      answers: {
        ...serving,
        createEndpoint: failure('States.Timeout'),
        describeEndpoint: [...retried(noEndpoint), endpoint('Creating'), endpoint('InService')],
      },
      ends: 'Version Serves',
    },
    {
      says: 'takes an update of somebody else’s for none of its own',
      answers: {
        ...serving,
        updateEndpoint: retried(failure('SageMaker.SageMakerException', 'Cannot update in-progress endpoint "e".')),
        describeEndpoint: [endpoint('InService', 'e-v6'), endpoint('Updating', 'e-v6'), endpoint('InService', 'e-v5')],
      },
      ends: 'Endpoint Rolled Back',
    },
    {
      says: 'does not take any failure for a missing endpoint',
      answers: { ...serving, describeEndpoint: failure('SageMaker.SageMakerException', 'Rate exceeded') },
      ends: 'Version Not Served',
    },
  ],
  'deploy-model': [
    { says: 'deploys and starts watching', answers: deploying, ends: 'Model Deployed' },
    {
      says: 'keeps the schedule of a model that is watched already',
      answers: { ...deploying, createSchedule: failure('Scheduler.ConflictException') },
      ends: 'Model Deployed',
    },
    {
      says: 'restores the champion when the proof fails',
      answers: {
        ...deploying,
        ServeVersion: { ...served, previousConfigName: 'e-v6' },
        VerifyDeployment: failure('DeploymentNotProvedError'),
      },
      ends: 'Model Not Deployed',
    },
    {
      says: 'removes a first version that cannot be proved',
      answers: { ...deploying, getItem: { Item: {} }, VerifyDeployment: failure('DeploymentNotProvedError') },
      ends: 'Model Not Deployed',
    },
    {
      says: 'removes what cannot be proved where the endpoint served before but nothing was ever proved',
      answers: {
        ...deploying,
        getItem: { Item: {} },
        ServeVersion: { ...served, previousConfigName: 'e-v6' },
        VerifyDeployment: failure('DeploymentNotProvedError'),
      },
      ends: 'Model Not Deployed',
    },
    {
      says: 'restores the champion where an earlier attempt had changed the endpoint already',
      answers: {
        ...deploying,
        ServeVersion: [served, failure('EndpointFailedError')],
        VerifyDeployment: failure('DeploymentNotProvedError'),
      },
      ends: 'Champion Not Restored',
    },
    {
      says: 'restores the champion where the endpoint did not settle on the new version',
      answers: { ...deploying, ServeVersion: [failure('EndpointStuckError'), served] },
      ends: 'Model Not Deployed',
    },
    {
      says: 'has nothing to undo where a first endpoint was never made',
      answers: {
        ...deploying,
        getItem: { Item: {} },
        ServeVersion: failure('DeploymentNotApprovedError'),
        deleteEndpoint: noEndpoint,
      },
      ends: 'Model Not Deployed',
    },
    {
      says: 'says loudly when a first endpoint cannot be removed',
      answers: {
        ...deploying,
        getItem: { Item: {} },
        VerifyDeployment: failure('DeploymentNotProvedError'),
        deleteEndpoint: failure('SageMaker.SageMakerException', 'Cannot update in-progress endpoint'),
      },
      ends: 'Champion Not Restored',
    },
    {
      says: 'says loudly when the champion cannot be restored',
      answers: {
        ...deploying,
        ServeVersion: [{ ...served, previousConfigName: 'e-v6' }, failure('EndpointFailedError')],
        VerifyDeployment: failure('DeploymentNotProvedError'),
      },
      ends: 'Champion Not Restored',
    },
  ],
  'roll-back-model': [
    {
      says: 'serves the former version, proves it and makes it the champion',
      answers: rollingBack,
      ends: 'Model Rolled Back',
    },
    {
      says: 'touches nothing where the rollback is refused',
      answers: { ...rollingBack, ...notRolledBack, AuthorizeRollback: failure('RollbackRefusedError') },
      ends: 'Model Not Rolled Back',
    },
    {
      says: 'restores what served where the former version cannot be proved',
      answers: { ...rollingBack, ...notRolledBack, VerifyDeployment: failure('DeploymentNotProvedError') },
      ends: 'Model Not Rolled Back',
    },
    {
      says: 'records it where what served cannot be restored either',
      answers: {
        ...rollingBack,
        ...notRolledBack,
        ServeVersion: [{ ...served, previousConfigName: 'e-v7' }, failure('EndpointFailedError')],
        VerifyDeployment: failure('DeploymentNotProvedError'),
      },
      ends: 'Model Not Rolled Back',
    },
    {
      says: 'believes the table where the answer to the switch was lost',
      answers: { ...rollingBack, SwitchChampion: failure('Lambda.Unknown') },
      ends: 'Model Rolled Back',
    },
  ],
};
