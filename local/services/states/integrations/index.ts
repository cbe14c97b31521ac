import { NotImplementedError } from '../../../service.ts';
import type { Integration } from '../interpreter/ports.ts';
import { codeBuildTask } from './builds.ts';
import type { Caller } from './caller.ts';
import { startExecutionTask } from './executions.ts';
import { sageMakerTask } from './jobs.ts';
import { functionTask, invokeTask } from './lambda.ts';
import { optimizedTask } from './optimized.ts';
import { sdkTask } from './sdk.ts';

/** @returns how a Task's Resource is called; throws NotImplemented for what is not */
export function createIntegrations(caller: Caller): (resource: string) => Integration {
  return (resource) => {
    if (/^arn:aws:lambda:[^:]+:\d+:function:/.test(resource)) return functionTask(caller, resource);
    if (/^arn:aws:states:::lambda:invoke(\.waitForTaskToken)?$/.test(resource)) return invokeTask(caller, resource);
    if (resource.startsWith('arn:aws:states:::aws-sdk:')) return sdkTask(caller, resource);
    if (resource.startsWith('arn:aws:states:::sagemaker:')) return sageMakerTask(caller, resource);
    if (resource.startsWith('arn:aws:states:::codebuild:')) return codeBuildTask(caller, resource);
    if (resource.startsWith('arn:aws:states:::states:')) return startExecutionTask(caller, resource);
    if (resource.startsWith('arn:aws:states:::')) return optimizedTask(caller, resource);
    throw new NotImplementedError(`states:Task Resource ${resource}`);
  };
}
