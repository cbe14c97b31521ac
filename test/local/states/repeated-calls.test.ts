import { describe, expect, it } from '@jest/globals';
import { Failure } from '../../../local/services/states/failure.ts';
import type { Caller } from '../../../local/services/states/integrations/caller.ts';
import { sageMakerTask } from '../../../local/services/states/integrations/jobs.ts';
import type { TaskCall } from '../../../local/services/states/interpreter/ports.ts';

const ARN = 'arn:aws:sagemaker:eu-west-1:000000000000:endpoint/flights';

/** What a task's call comes to where SageMaker answers like this. */
async function outcome(operation: string, repeated: boolean, answers: Record<string, unknown>) {
  const calls: string[] = [];
  const caller = {
    cloud: { account: '000000000000', region: 'eu-west-1', clock: { date: () => new Date(0) } },
    call: async (_execution: unknown, _service: string, name: string) => {
      calls.push(name);
      if (answers[name] instanceof Error) throw answers[name];
      return answers[name];
    },
  } as unknown as Caller;
  const call = {
    repeated,
    arguments: { EndpointName: 'flights', EndpointConfigName: 'v2' },
    execution: {},
  } as unknown as TaskCall;
  const task = sageMakerTask(caller, `arn:aws:states:::sagemaker:${operation}`);
  const result = await task.submit(call).catch((error: Error) => error);
  return { result, calls };
}

const exists = new Failure(
  'SageMaker.AmazonSageMakerException',
  `Cannot create already existing endpoint "${ARN}". (Service: sagemaker)`,
);

describe('a call that may have been made before a crash', () => {
  it('has made what it finds', async () => {
    expect((await outcome('createEndpoint', true, { CreateEndpoint: exists })).result).toEqual({ EndpointArn: ARN });
  });

  it('fails on what somebody else has made', async () => {
    expect((await outcome('createEndpoint', false, { CreateEndpoint: exists })).result).toBe(exists);
  });

  it('does not update an endpoint a second time, whether the update is under way or done', async () => {
    const done = { EndpointArn: ARN, EndpointConfigName: 'v2' };
    const underWay = {
      EndpointArn: ARN,
      EndpointConfigName: 'v1',
      PendingDeploymentSummary: { EndpointConfigName: 'v2' },
    };
    for (const DescribeEndpoint of [done, underWay]) {
      const { result, calls } = await outcome('updateEndpoint', true, { DescribeEndpoint });
      expect(result).toEqual({ EndpointArn: ARN });
      expect(calls).toEqual(['DescribeEndpoint']);
    }
  });

  it('updates an endpoint that the crash came before', async () => {
    const { calls } = await outcome('updateEndpoint', true, {
      DescribeEndpoint: { EndpointArn: ARN, EndpointConfigName: 'v1' },
      UpdateEndpoint: { EndpointArn: ARN },
    });
    expect(calls).toEqual(['DescribeEndpoint', 'UpdateEndpoint']);
  });
});
