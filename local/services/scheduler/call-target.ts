import { deliver } from '../../delivery.ts';
import type { Cloud, Principal } from '../../service.ts';
import type { Occurrence } from './deliveries.ts';

/** Services whose name in a universal target differs from the one that is called here. */
const UNIVERSAL_NAMES = new Map([
  ['sfn', 'states'],
  ['eventbridge', 'events'],
  ['cloudwatch', 'monitoring'],
  ['cloudwatchlogs', 'logs'],
  ['sesv2', 'ses'],
]);

/** Calls a schedule's target once: a templated one by its ARN, a universal one (`aws-sdk:SERVICE:apiAction`) with its input as it is. */
export const callTarget = async (cloud: Cloud, principal: Principal, occurrence: Occurrence): Promise<void> => {
  const { target } = occurrence;
  const input = target.Input === undefined ? defaultInput(cloud, occurrence) : substitute(target.Input, occurrence);
  const [, service, action] = /^arn:aws:scheduler:::aws-sdk:([^:]+):([^:]+)$/.exec(target.Arn) ?? [];
  if (service && action) return universal(cloud, principal, service, action, input);
  await deliver(cloud, principal, target.Arn, {
    body: input,
    groupId: target.SqsParameters?.MessageGroupId,
    event: target.EventBridgeParameters && {
      detailType: target.EventBridgeParameters.DetailType,
      source: target.EventBridgeParameters.Source,
    },
  });
};

const universal = async (
  cloud: Cloud,
  principal: Principal,
  service: string,
  action: string,
  text: string,
): Promise<void> => {
  const name = UNIVERSAL_NAMES.get(service) ?? service;
  const members = Object.entries(JSON.parse(text) as Record<string, unknown>);
  const first = (member: string): string => (name === 'states' ? member[0]!.toLowerCase() + member.slice(1) : member);
  await cloud.call({
    service: name,
    operation: action[0]!.toUpperCase() + action.slice(1),
    principal,
    input: Object.fromEntries(members.map(([member, value]) => [first(member), value])),
  });
};

/** Scheduler's context attributes. */
const substitute = (input: string, { scheduleArn, since, id, attempts }: Occurrence): string =>
  input
    .replaceAll('<aws.scheduler.schedule-arn>', scheduleArn)
    .replaceAll('<aws.scheduler.scheduled-time>', isoSeconds(since))
    .replaceAll('<aws.scheduler.execution-id>', id)
    .replaceAll('<aws.scheduler.attempt-number>', String(attempts));

const defaultInput = ({ account, region }: Cloud, { id, scheduleArn, since }: Occurrence): string =>
  JSON.stringify({
    version: '0',
    id,
    'detail-type': 'Scheduled Event',
    source: 'aws.scheduler',
    account,
    time: isoSeconds(since),
    region,
    resources: [scheduleArn],
    detail: '{}',
  });

const isoSeconds = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`;
