import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import config from '../../launchway.config.ts';
import { ContainerRoles } from '../../lib/container-roles.ts';
import { instanceConditions, modelConditions, trainingConditions } from '../../lib/sagemaker-conditions.ts';
import { StorageStack } from '../../lib/storage-stack.ts';
import { withinVpc } from '../../lib/within-vpc.ts';
import { runWorkflow } from '../support/run-workflow.ts';

const vpc = { subnets: ['subnet-1', 'subnet-2'], securityGroups: ['sg-1'] };
const VpcConfig = { Subnets: vpc.subnets, SecurityGroupIds: vpc.securityGroups };
const machine = (file: string) => JSON.parse(readFileSync(`state-machines/${file}.asl.json`, 'utf8'));

const statesOf = (definition: any): any[] =>
  Object.values<any>(definition.States).flatMap((state) => [state, ...(state.Branches ?? []).flatMap(statesOf)]);

describe('a deployment with a VPC', () => {
  it.each(['train-model', 'validate-model', 'serve-version'])('makes every container of %s in it', (file) => {
    const creating = statesOf(withinVpc(machine(file), vpc)).filter(({ Resource }) =>
      /:create(TrainingJob|HyperParameterTuningJob|Model)\b/.test(Resource ?? ''),
    );
    expect(creating.length).toBeGreaterThan(0);
    for (const { Arguments } of creating) {
      if (typeof Arguments === 'string') expect(Arguments).toContain("'VpcConfig': {'Subnets':['subnet-1','subnet-2']");
      else expect(Arguments.VpcConfig).toEqual(VpcConfig);
    }
  });

  it('asks for a training there, in a request that still says everything else', async () => {
    const plan = {
      action: 'create',
      jobName: 'j',
      image: 'i',
      inputMode: 'File',
      roleArn: 'r',
      hyperparameters: {},
      channels: [],
      outputUri: 's3://o',
      instanceType: 'ml.m5.large',
      instanceCount: 1,
      volumeGb: 30,
      maxRuntimeSeconds: 60,
      settings: { VpcConfig: 'elsewhere', EnableNetworkIsolation: false },
      withoutCapacity: [],
      typesLeft: 0,
      tags: [],
    };
    const answers = { PlanTraining: plan, createTrainingJob: {}, RecordTraining: { status: 'Completed' } };
    const { calls } = await runWorkflow('train-model', { model: 'm', release: 1 }, answers, {
      definition: JSON.stringify(withinVpc(machine('train-model'), vpc)),
    });
    expect(calls.find(({ name }) => name === 'createTrainingJob')!.args).toMatchObject({
      TrainingJobName: 'j',
      VpcConfig,
      EnableNetworkIsolation: true,
      EnableInterContainerTrafficEncryption: true,
    });
  });

  it('changes nothing without one, and refuses a request that it cannot place', () => {
    expect(withinVpc(machine('train-model'), undefined)).toEqual(machine('train-model'));
    const bare = {
      States: { Train: { Resource: 'arn:aws:states:::sagemaker:createTrainingJob.sync', Arguments: '{% {} %}' } },
    };
    expect(() => withinVpc(bare, vpc)).toThrow('expected the request of "Train" to end in network isolation');
  });

  it('lets workflows make containers there and nowhere else', () => {
    const there = { 'sagemaker:VpcSubnets': vpc.subnets, 'sagemaker:VpcSecurityGroupIds': vpc.securityGroups };
    for (const conditions of [trainingConditions, modelConditions]) {
      expect(conditions({ ...config, vpc })).toMatchObject({
        'ForAllValues:StringEquals': there,
        Null: { 'sagemaker:VpcSubnets': 'false', 'sagemaker:VpcSecurityGroupIds': 'false' },
      });
    }
    expect(JSON.stringify(instanceConditions({ ...config, vpc }))).not.toContain('Vpc');
  });

  it('lets each container’s role have a network interface in these subnets', () => {
    const app = new App();
    const storage = new StorageStack(app, 'Storage', { config });
    const stack = new Stack(app, 'Roles');
    new ContainerRoles(stack, 'Roles', { prefix: 'p', storage, teams: ['operations'], images: {}, vpc });
    const policies = Object.values<any>(Template.fromStack(stack).findResources('AWS::IAM::Policy'));
    expect(policies).toHaveLength(3);
    for (const { Properties } of policies) {
      const text = JSON.stringify(Properties.PolicyDocument);
      expect(text).toContain(':subnet/subnet-2');
      expect(text).toContain(':security-group/sg-1');
      expect(text).toContain('"ec2:AuthorizedService":"sagemaker.amazonaws.com"');
    }
  });
});
