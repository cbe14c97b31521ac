import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { describe, expect, it } from '@jest/globals';
import { mockClient } from 'aws-sdk-client-mock';
import { type ApprovalSummary, stackOutput } from '../../cli/approvals-api.ts';
import { chosen } from '../../cli/commands/approvals.ts';

const open = (requestId: string, model: string) => ({ requestId, model }) as ApprovalSummary;
const requests = [open(`rab${'1'.repeat(38)}`, 'flights'), open(`rab${'2'.repeat(38)}`, 'loans')];

describe('a request that is to be decided', () => {
  it.each(['flights', 'rab111', `rab${'1'.repeat(38)}`])('is found by %s', (request) => {
    expect(chosen(requests, request)).toBe(requests[0]);
  });

  it.each([
    ['rab', /expected an open request, got rab; open: flights \(rab111111111…\), loans/],
    ['flight', /expected an open request/],
    ['', /expected an open request/],
  ])('is not guessed from %j', (request, message) => {
    expect(() => chosen(requests, request)).toThrow(message);
  });

  it('is not chosen among several', () => {
    const two = [open('rabcdef1', 'a'), open('rabcdef2', 'b')];
    expect(() => chosen(two, 'rabcdef')).toThrow('expected one request, got 2 that begin with rabcdef');
  });
});

it('the address of the pages on AWS is an output of the stack', async () => {
  const client = mockClient(CloudFormationClient);
  const Outputs = [{ OutputKey: 'ApprovalUrl', OutputValue: 'https://x.execute-api.eu-west-1.amazonaws.com' }];
  client
    .on(DescribeStacksCommand, { StackName: 'launchway-prod-pipeline' })
    .resolves({ Stacks: [{ StackName: 's', CreationTime: new Date(0), StackStatus: 'CREATE_COMPLETE', Outputs }] });
  expect(await stackOutput(client as never, 'launchway-prod-pipeline')).toBe(Outputs[0]!.OutputValue);
});
