import { Failure } from '../failure.ts';
import type { TaskCall } from '../interpreter/ports.ts';
import { isObject, type Json } from '../json.ts';
import type { Caller, NameError } from './caller.ts';

/** Kinds of SageMaker resources by the operation that makes them: the member that names one, and its ARN's resource type. */
const MADE = new Map([
  ['createModel', { noun: 'Model', resourceType: 'model' }],
  ['createEndpointConfig', { noun: 'EndpointConfig', resourceType: 'endpoint-config' }],
  ['createEndpoint', { noun: 'Endpoint', resourceType: 'endpoint' }],
]);

/**
 * What a call that an earlier process of the local cloud may have made already came to, so that a crash between the call and
 * its record neither fails the state nor does it twice: Step Functions calls these once.
 *
 * @param error what the repetition met
 * @returns undefined where the error is the call's own
 */
export function alreadyMade(caller: Caller, operation: string, call: TaskCall, error: unknown): Json | undefined {
  const made = MADE.get(operation);
  if (!call.repeated || !made || !(error instanceof Failure)) return undefined;
  if (!/^Cannot create already existing /.test(error.reason ?? '')) return undefined;
  const { account, region } = caller.cloud;
  const name = isObject(call.arguments) ? String(call.arguments[`${made.noun}Name`]) : '';
  return { [`${made.noun}Arn`]: `arn:aws:sagemaker:${region}:${account}:${made.resourceType}/${name}` };
}

/** @returns the answer of an UpdateEndpoint that an earlier process has made already; undefined where it is yet to be made */
export async function alreadyUpdated(
  caller: Caller,
  operation: string,
  call: TaskCall,
  nameError: NameError,
): Promise<Json | undefined> {
  if (!call.repeated || operation !== 'updateEndpoint' || !isObject(call.arguments)) return undefined;
  const { EndpointName, EndpointConfigName } = call.arguments;
  const endpoint = (await caller.call(
    call.execution,
    'sagemaker',
    'DescribeEndpoint',
    { EndpointName },
    nameError,
  )) as {
    readonly EndpointArn: string;
    readonly EndpointConfigName: string;
    readonly PendingDeploymentSummary?: { readonly EndpointConfigName: string };
  };
  const going = endpoint.PendingDeploymentSummary?.EndpointConfigName ?? endpoint.EndpointConfigName;
  return going === EndpointConfigName ? { EndpointArn: endpoint.EndpointArn } : undefined;
}
