import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { type Answers, failure, nameOf, runWorkflow, type WorkflowRun } from '../support/run-workflow.ts';

import { RELEASING } from './release-scenarios.ts';
import { endpoint, measuringStaleness, plan, RELEASE, rollout, type Scenario, watched } from './scenario.ts';
import { SERVING } from './serve-scenarios.ts';
import { WATCHING } from './watch-scenarios.ts';

const SCENARIOS = { ...RELEASING, ...SERVING, ...WATCHING };

const INPUT: Record<string, unknown> = {
  'roll-back-model': { model: 'flights', rollback: 1 },
  'measure-staleness': { model: 'flights', id: '20300101T000000000Z-1a2b3c4d' },
  'monitor-model': { model: 'flights', scheduledTime: '2030-01-01T01:15:00Z' },
};
const run = (file: string, { input, answers }: Scenario, fail?: { failNth: number; with: Error }) =>
  runWorkflow(file, input ?? INPUT[file] ?? RELEASE, answers, fail);

describe.each(Object.entries(SCENARIOS))('%s', (file, scenarios) => {
  const ran: WorkflowRun[] = [];

  it.each(scenarios.map((scenario) => [scenario.says, scenario] as const))('%s', async (_, scenario) => {
    const done = await run(file, scenario);
    ran.push(done);
    expect(done.path.at(-1)).toBe(scenario.ends);
    if (scenario.asks) expect(done.calls.map(({ name }) => name)).toContain(scenario.asks);
    expect(done.status).toBe(endsWell(file, scenario.ends) ? 'SUCCEEDED' : 'FAILED');
  });

  it('records an outcome whichever task fails, with whichever error it catches', async () => {
    const caught = errorsCaught(file);
    for (const scenario of scenarios) {
      const { calls } = await run(file, scenario);
      if (calls.length > 60) continue; // a wait loop that gives up: its tasks fail in shorter scenarios too
      for (const failNth of firstOfEach(calls)) {
        for (const error of caught.get(calls[failNth]!.name)!) {
          const done = await run(file, scenario, { failNth, with: failure(error) });
          ran.push(done);
          expect(['SUCCEEDED', 'FAILED']).toContain(done.status);
          expect(endsOf(file)).toContain(done.path.at(-1));
        }
      }
    }
  });

  it('has run every branch', () => {
    const walked = new Set(ran.flatMap(({ edges }) => edges));
    expect(
      branchesOf(JSON.parse(readFileSync(`state-machines/${file}.asl.json`, 'utf8'))).filter(
        (edge) => !walked.has(edge),
      ),
    ).toEqual([]);
  });
});

describe('taking over', () => {
  const asked = async (answers: Answers) => {
    const { calls } = await run('serve-version', { says: '', answers: { ...watched, ...answers }, ends: '' });
    return calls.filter(({ name }) => ['putMetricAlarm', 'updateEndpoint'].includes(name)).map(({ args }) => args);
  };
  const update = {
    EndpointName: 'e',
    EndpointConfigName: 'e-v7-abc',
    RetainAllVariantProperties: true,
    ExcludeRetainedVariantProperties: [{ VariantPropertyType: 'DataCaptureConfig' }],
  };
  const serves = (count: number) => [
    endpoint('InService', 'e-v6', { ProductionVariants: [{ CurrentInstanceCount: count }] }),
    endpoint('InService'),
  ];

  it('puts each alarm, then lets a part of several instances go first', async () => {
    expect(await asked({})).toEqual([...rollout.alarms, { ...update, DeploymentConfig: rollout.canary }]);
  });

  it('watches one instance with all traffic: half of it cannot go first', async () => {
    expect((await asked({ describeEndpoint: serves(1) })).at(-1)).toEqual({
      ...update,
      DeploymentConfig: rollout.singleInstance,
    });
  });

  it('says what was watched: not what took over at once, nor what took over from a broken endpoint', async () => {
    const outputOf = async (answers: Answers) =>
      (await run('serve-version', { says: '', answers: { ...watched, ...answers }, ends: '' })).output;
    expect(await outputOf({})).toEqual({ ...plan, previousConfigName: 'e-v6', watched: true });
    const broken = [endpoint('UpdateRollbackFailed', 'e-v6'), endpoint('InService')];
    expect(await outputOf({ describeEndpoint: broken })).toEqual({ ...plan, previousConfigName: 'e-v6' });
    expect(await outputOf({ AuthorizeDeployment: plan })).toEqual({ ...plan, previousConfigName: 'e-v6' });
    expect(await outputOf({ describeEndpoint: endpoint('InService') })).toEqual(plan);
  });

  it('watches nothing where the plan has no rollout', async () => {
    expect(await asked({ AuthorizeDeployment: plan, describeEndpoint: serves(2) })).toEqual([update]);
  });
});

/** Every `from → to` that a machine can take, Map and Parallel included. */
function branchesOf(machine: any): string[] {
  return Object.entries<any>(machine.States).flatMap(([name, state]) => {
    const to = [
      state.Next,
      state.Default,
      ...(state.Choices ?? []).map((c: any) => c.Next),
      ...(state.Catch ?? []).map((c: any) => c.Next),
    ].filter(Boolean);
    const inside = [...(state.Branches ?? []), ...(state.ItemProcessor ? [state.ItemProcessor] : [])];
    return [...to.filter(() => inside.length === 0).map((next) => `${name} → ${next}`), ...inside.flatMap(branchesOf)];
  });
}

/** Of calls that repeat, as in a wait loop, the first two stand for all. */
const firstOfEach = (calls: WorkflowRun['calls']): number[] =>
  calls.flatMap(({ name }, nth) => (calls.slice(0, nth).filter((call) => call.name === name).length < 2 ? [nth] : []));

const machineOf = (file: string): any => JSON.parse(readFileSync(`state-machines/${file}.asl.json`, 'utf8'));
const endsWell = (file: string, state: string): boolean => machineOf(file).States[state].Type === 'Succeed';
/** States in which an execution, or the branch that failed last, may end. */
const endsOf = (file: string): string[] => {
  const all = (machine: any): [string, any][] =>
    Object.entries<any>(machine.States).flatMap(([name, state]) => [
      [name, state] as [string, any],
      ...[...(state.Branches ?? []), ...(state.ItemProcessor ? [state.ItemProcessor] : [])].flatMap(all),
    ]);
  return all(machineOf(file))
    .filter(([, { Type }]) => ['Succeed', 'Fail'].includes(Type))
    .map(([name]) => name);
};
/** By call: an error that nobody names, and each one that a task of this name catches. */
function errorsCaught(file: string): Map<string, Set<string>> {
  const caught = new Map<string, Set<string>>();
  for (const task of tasksOf(machineOf(file))) {
    const name = nameOf(task.Resource, task.Arguments).replace(/^\$\{(\w+?)(FunctionArn|StateMachineArn)\}$/, '$1');
    const errors = caught.get(name) ?? new Set(['SomethingElse']);
    for (const error of task.Catch.flatMap((c: any) => c.ErrorEquals))
      if (!error.startsWith('States.')) errors.add(error);
    caught.set(name, errors);
  }
  return caught;
}

const tasksOf = (machine: any): any[] =>
  Object.values<any>(machine.States).flatMap((state) => [
    ...(state.Type === 'Task' ? [state] : []),
    ...[...(state.Branches ?? []), ...(state.ItemProcessor ? [state.ItemProcessor] : [])].flatMap(tasksOf),
  ]);

it('says of each version where its answers are, how long they took, or why it has none', async () => {
  const { calls } = await runWorkflow('measure-staleness', INPUT['measure-staleness'], {
    ...measuringStaleness,
    createTransformJob: [
      { TransformStartTime: 1000, TransformEndTime: 43_000 },
      failure('States.TaskFailed', `{"FailureReason":"disk full","Environment":"${'x'.repeat(9000)}"}`),
    ],
  });
  const answers = calls.find(({ name }) => name === 'EvaluateStaleness')!.args.Payload.answers;
  expect(answers).toEqual([
    { version: 7, outputUri: 's3://out', seconds: 42 },
    {
      version: 6,
      error: { Error: 'States.TaskFailed', Cause: expect.stringContaining('disk full') },
    },
  ]);
  // Of ten versions that fail, well below what a state may hold.
  expect(answers[1].error.Cause).toHaveLength(6000);
  expect(calls.filter(({ name }) => name === 'deleteModel').map(({ args }) => args)).toEqual([
    { ModelName: 'n-v7' },
    { ModelName: 'n-v6' },
  ]);
});
