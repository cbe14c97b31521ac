import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import jsonata from 'jsonata';
import * as errors from '../../domain/errors.ts';
import { DIGEST_CHARACTERS } from '../../lambdas/shared/start-release.ts';

interface State {
  Type: string;
  Resource?: string;
  Arguments?: any;
  Retry?: { ErrorEquals: string[] }[];
  Catch?: { ErrorEquals: string[]; Next: string }[];
  Next?: string;
  Default?: string;
  Choices?: { Next: string }[];
  TimeoutSeconds?: unknown;
  Branches?: Machine[];
  ItemProcessor?: Machine;
  End?: boolean;
}
interface Machine {
  StartAt: string;
  States: Record<string, State>;
}

const files = readdirSync('state-machines').filter((file) => file.endsWith('.asl.json'));
const { PipelineError: _, ...concrete } = errors;
const domainErrors = Object.values(concrete).map((DomainError) => new DomainError('').name);

const inner = ({ Branches, ItemProcessor }: State): Machine[] => [
  ...(Branches ?? []),
  ...(ItemProcessor ? [ItemProcessor] : []),
];

/** Every state, those inside Map and Parallel included. */
const statesOf = (machine: Machine): [string, State][] =>
  Object.entries(machine.States).flatMap(([name, state]) => [
    [name, state] as [string, State],
    ...inner(state).flatMap(statesOf),
  ]);

const nextOf = (state: State): string[] => [
  ...(state.Next ? [state.Next] : []),
  ...(state.Default ? [state.Default] : []),
  ...(state.Choices ?? []).map(({ Next }) => Next),
  ...(state.Catch ?? []).map(({ Next }) => Next),
];

const machineOf = (file: string): { text: string; machine: Machine } => {
  const text = readFileSync(`state-machines/${file}`, 'utf8');
  return { text, machine: JSON.parse(text) };
};

describe.each(files)('%s', (file) => {
  const { text, machine } = machineOf(file);
  const states = statesOf(machine);
  const tasks = states.filter(([, { Type }]) => Type === 'Task');

  it('uses JSONata, says what it is for, and ends by itself', () => {
    expect(machine).toMatchObject({
      QueryLanguage: 'JSONata',
      Comment: expect.stringMatching(/\S/),
      TimeoutSeconds: expect.any(Number),
    });
  });

  it('has only expressions that parse', () => {
    for (const [, expression] of text.matchAll(/"\{%(.*?)%\}"/g)) {
      expect(() => jsonata(JSON.parse(`"${expression}"`))).not.toThrow();
    }
  });

  it('gives every task a retry, a catch and a timeout', () => {
    const bare = tasks.filter(([, task]) => !task.Retry?.length || !task.Catch?.length || !task.TimeoutSeconds);
    expect(bare.map(([name]) => name)).toEqual([]);
  });

  it('catches only errors that exist', () => {
    const caught = states.flatMap(([, state]) => (state.Catch ?? []).flatMap(({ ErrorEquals }) => ErrorEquals));
    const ours = caught.filter((name) => !/^(States|Lambda|SageMaker|DynamoDB|StepFunctions|Scheduler)\./.test(name));
    expect(domainErrors).toEqual(expect.arrayContaining(ours));
  });

  it('can reach each of its states, and goes only to states it has', () => {
    const walk = ({ StartAt, States }: Machine) => {
      const seen = new Set<string>();
      const queue = [StartAt];
      for (let name = queue.pop(); name; name = queue.pop()) {
        if (seen.has(name)) continue;
        expect(Object.keys(States)).toContain(name);
        seen.add(name);
        queue.push(...nextOf(States[name]!));
        for (const nested of inner(States[name]!)) walk(nested);
      }
      expect([...seen].sort()).toEqual(Object.keys(States).sort());
    };
    walk(machine);
  });

  it('has at most twelve tasks', () => {
    expect(tasks.length).toBeLessThanOrEqual(12);
  });

  it('names states as it should: tasks are imperatives, choices are questions', () => {
    expect(states.filter(([name, { Type }]) => Type === 'Choice' && !name.endsWith('?')).map(([name]) => name)).toEqual(
      [],
    );
    expect(states.filter(([name, { Type }]) => Type !== 'Choice' && name.endsWith('?')).map(([name]) => name)).toEqual(
      [],
    );
  });

  it('isolates every container from the network, whatever else its request says', () => {
    const creating = tasks.filter(([, { Resource }]) =>
      /:create(TrainingJob|HyperParameterTuningJob|Model)(\.|$)/.test(Resource ?? ''),
    );
    // Merged last, nothing can say otherwise.
    const isIsolated = (args: unknown) =>
      typeof args === 'string'
        ? /\$plan\.settings, \{[^{}]*'EnableNetworkIsolation': true\}\]\)/.test(args)
        : (args as Record<string, unknown>).EnableNetworkIsolation === true;
    expect(creating.filter(([, task]) => !isIsolated(task.Arguments)).map(([name]) => name)).toEqual([]);
  });

  it('waits for people only with a timeout and a catch for it', () => {
    const waiting = tasks.filter(([, { Resource }]) => Resource?.endsWith('.waitForTaskToken'));
    for (const [, task] of waiting) {
      expect(task.TimeoutSeconds).toBeDefined();
      expect(task.Catch!.flatMap(({ ErrorEquals }) => ErrorEquals)).toContain('States.Timeout');
    }
  });
});

describe('approval dominates deployment', () => {
  const creates = (state: State) => /:(createEndpoint|updateEndpoint)$/.test(state.Resource ?? '');

  it('only serve-version touches endpoints', () => {
    expect(files.filter((file) => statesOf(machineOf(file).machine).some(([, state]) => creates(state)))).toEqual([
      'serve-version.asl.json',
    ]);
  });

  it('every path to creating or updating an endpoint passes the authorization', () => {
    const { machine } = machineOf('serve-version.asl.json');
    // Without the guard, nothing that creates or updates may be reachable.
    const reachable = new Set<string>();
    const queue = machine.StartAt === 'Authorize Deployment' ? [] : [machine.StartAt];
    for (let name = queue.pop(); name; name = queue.pop()) {
      if (name === 'Authorize Deployment' || reachable.has(name)) continue;
      reachable.add(name);
      queue.push(...nextOf(machine.States[name]!));
    }
    expect([...reachable].filter((name) => creates(machine.States[name]!))).toEqual([]);
    expect(machine.States['Authorize Deployment']!.Catch!.map(({ Next }) => machine.States[Next]!.Type)).toEqual([
      'Fail',
    ]);
  });

  it('a release deploys only after its approval was awaited', () => {
    const { machine } = machineOf('release-model.asl.json');
    const into = (target: string) =>
      Object.entries(machine.States)
        .filter(([, state]) => nextOf(state).includes(target))
        .map(([name]) => name);
    expect(into('Deploy Model')).toEqual(['Approved?']);
    expect(into('Approved?')).toEqual(['Approve Model']);
  });
});

describe('names of nested executions', () => {
  /** What the longest chain of nested executions adds to a release's name. */
  const longestAdded = (file: string): number =>
    Math.max(
      0,
      ...statesOf(machineOf(file).machine)
        .filter(([, { Resource }]) => Resource?.includes('startExecution'))
        .map(([, { Arguments }]) => {
          const [, stage = ''] = /'(-[a-z]+-)'/.exec(Arguments.Name) ?? [];
          const [, machine = ''] = /^\$\{(\w+)StateMachineArn\}$/.exec(Arguments.StateMachineArn) ?? [];
          const nested = `${machine.replace(/(?!^)[A-Z]/g, '-$&').toLowerCase()}.asl.json`;
          return `${stage}0-0`.length + longestAdded(nested);
        }),
    );

  it('stay within the 80 characters of Step Functions, for the longest name of a model', () => {
    const added = longestAdded('release-model.asl.json');
    expect(added).toBe('-deploy-0-0-restore-0-0'.length);
    const release = 'm'.repeat(30).length + '-'.length + DIGEST_CHARACTERS;
    expect(release + added).toBeLessThanOrEqual(80);
  });
});
