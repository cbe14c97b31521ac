import type { Cloud, Service } from '../../service.ts';
import { AsynchronousEvents } from './asynchronous-events.ts';
import { eventInvokeConfigResource, eventSourceMappingResource, permissionResource } from './connection-resources.ts';
import { EventSourceMappings } from './event-source-mappings.ts';
import { Functions, nameFromReference } from './function-record.ts';
import { functionResource } from './function-resource.ts';
import type { InvocationCount } from './invocation-meter.ts';
import { Invoker } from './invoker.ts';
import { operations, routes } from './operations.ts';
import { resourcePolicyOf } from './resource-policy.ts';

/** AWS Lambda, with what its API does not tell. */
export interface LambdaService extends Service {
  /** Invocations, errors and throttles by function since the state was fresh. */
  readonly invocations: ReadonlyMap<string, InvocationCount>;
}

/** AWS Lambda: runs the deployed bundles in child processes, with their own roles, on the cloud's clock. */
export const createLambdaService = (cloud: Cloud): LambdaService => {
  const functions = new Functions(cloud);
  const invoker = new Invoker(cloud, functions);
  const events = new AsynchronousEvents(cloud, functions, invoker);
  const mappings = new EventSourceMappings(cloud, functions, invoker);
  return {
    name: 'lambda',
    operations: operations(functions, invoker, events),
    routes,
    resources: {
      'AWS::Lambda::Function': functionResource(cloud, functions, invoker),
      'AWS::Lambda::Permission': permissionResource(functions),
      'AWS::Lambda::EventSourceMapping': eventSourceMappingResource(mappings),
      'AWS::Lambda::EventInvokeConfig': eventInvokeConfigResource(functions),
    },
    resourcePolicy: (arn) => {
      const record = functions.find(nameFromReference(arn));
      return record && resourcePolicyOf(record);
    },
    invocations: invoker.meter.counts,
    resume: async () => {
      mappings.resume();
      events.resume();
    },
    stop: async () => {
      mappings.stop();
      await invoker.stop();
    },
  };
};
