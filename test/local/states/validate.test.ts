import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { validate } from '../../../local/services/states/validation/validate.ts';

const pass = (fields: object, machine: object = {}) =>
  validate(
    JSON.stringify({
      QueryLanguage: 'JSONata',
      StartAt: 'A',
      States: { A: { Type: 'Pass', End: true, ...fields } },
      ...machine,
    }),
  );
const messages = (fields: object, machine: object = {}) => pass(fields, machine).findings.map(({ message }) => message);

describe('a definition', () => {
  it.each([
    ['$states.input.items[x = 1].y'],
    ['$map($states.input.a, function($v) { $v.b })'],
    ['$states.input.items.{ "a": b }'],
    ['$states.input.items ~> $count()'],
    ['($x := 1; $x + $y)'],
    ['$sort($states.input.a, function($l, $r) { $l > $r })'],
    ['$states.input^(>x)'],
  ])('may say %s', (expression) => {
    expect(messages({ Output: `{% ${expression} %}` })).toEqual([]);
  });

  it.each([
    ['input.x', 'input'],
    ['$sum(values)', 'values'],
    ['{ "a": foo }', 'foo'],
    ['$exists($) ? 1 : 2', '$'],
    ['$$.a', '$$'],
    ['1 + **', '**'],
  ])('may not say %s, which has no context', (expression, reference) => {
    expect(messages({ Output: `{% ${expression} %}` })).toEqual([expect.stringContaining(`'${reference}' refers to`)]);
  });

  it('may use a result once there is one, and an error once it is caught', () => {
    const early = { Type: 'Wait', Seconds: '{% $states.result %}' };
    expect(messages(early)).toEqual(['$states.result is not available here']);
    expect(messages({ Output: '{% $states.errorOutput.Error %}' })).toEqual([
      '$states.errorOutput is not available here',
    ]);
    const task = { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Output: "{% '$states.errorOutput' %}" };
    expect(messages({ ...task, Assign: { all: ['{% $states.result.x %}'] } })).toEqual([]);
    const caught = { ErrorEquals: ['States.ALL'], Next: 'A', Output: '{% $states.errorOutput %}' };
    expect(messages({ ...task, Catch: [caught] })).toEqual([]);
    expect(messages({ ...task, Catch: [{ ...caught, Assign: { r: '{% $states.result %}' } }] })).toEqual([
      '$states.result is not available here',
    ]);
  });

  it('is told apart where its states are JSONPath', () => {
    const jsonPath = { QueryLanguage: undefined };
    expect(pass({ InputPath: '$.a' }, jsonPath)).toMatchObject({ findings: [], notImplemented: ['A'] });
    expect(pass({}, jsonPath)).toMatchObject({ findings: [], notImplemented: [] });
    expect(pass({ QueryLanguage: 'JSONPath' }).findings).toEqual([
      {
        severity: 'ERROR',
        code: 'SCHEMA_VALIDATION_FAILED',
        message: "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine",
        location: '/States/A',
      },
    ]);
  });
});

const machine = (States: object, more: object = {}) =>
  JSON.stringify({ QueryLanguage: 'JSONata', StartAt: Object.keys(States)[0], States, ...more });
const end = (more: object = {}) => ({ Type: 'Pass', End: true, ...more });
const task = (more: object = {}) => ({ Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', End: true, ...more });
const retry = (more: object) => task({ Retry: [{ ErrorEquals: ['E'], ...more }] });
const map = (more: object, inner: object = end(), config?: object) => ({
  Type: 'Map',
  Items: [1],
  End: true,
  ItemProcessor: { StartAt: 'I', States: { I: inner }, ...(config && { ProcessorConfig: config }) },
  ...more,
});
const branches = (...inner: object[]) => ({
  Type: 'Parallel',
  End: true,
  Branches: inner.map((state, i) => ({ StartAt: `I${i}`, States: { [`I${i}`]: state } })),
});

describe('a wrong definition is refused with its reasons, each with its place', () => {
  const required = (fields: string) => `These fields are required: [${fields}]`;
  it.each<[string, string | undefined, string]>([
    ['', undefined, 'Definition must be a valid JSON object'],
    ['[]', undefined, 'Definition must be a valid JSON object'],
    ['{}', '/', required('States, StartAt')],
    ['{"States":{"A":{"Type":"Pass","End":true}}}', '/', required('StartAt')],
    ['{"StartAt":"A","States":{"A":1}}', '/States/A', 'expected an object, got 1'],
    [machine({ A: { Type: 'Map', ItemProcessor: 7 } }), '/States/A/ItemProcessor', 'expected an object, got 7'],
    [machine({ A: map({}, {}) }), '/States/A/ItemProcessor/States/I', required('Type')],
    [machine({ A: { Type: 'Task', End: true } }), '/States/A', required('Resource')],
    [machine({ A: end() }, { StartAt: 'Z' }), '/StartAt', "Missing 'StartAt' target: Z"],
    [machine({ A: { Type: 'Pass', Next: 'Z' } }), '/States/A/Next', "Missing 'Next' target: Z"],
    [
      machine({ A: task({ Catch: [{ ErrorEquals: ['E'], Next: 'Z' }] }) }),
      '/States/A/Catch[0]/Next',
      "Missing 'Next' target: Z",
    ],
    [
      machine({ A: branches({ Type: 'Pass', Next: 'B' }), B: end() }),
      '/States/A/Branches[0]/States/I0/Next',
      "Missing 'Next' target: B",
    ],
    [machine({ A: end(), B: end() }), '/States/B', 'State "B" is not reachable.'],
    [machine({ A: { Type: 'Pass' } }), '/States/A', 'expected exactly one of Next and "End": true'],
    [machine({ A: end({ InputPath: '$.a' }) }), '/States/A/InputPath', "Field 'InputPath' is not supported"],
    [machine({ A: { Type: 'Fail', Next: 'A' } }), '/States/A/Next', "Field 'Next' is not supported"],
    [machine({ A: end({ Type: 'Sleep' }) }), '/States/A/Type', expect.stringContaining('got Sleep') as never],
    [machine({ A: { Type: 'Wait', End: true } }), '/States/A', 'expected exactly one of Seconds and Timestamp'],
    [
      machine({ A: { Type: 'Wait', Timestamp: 'tomorrow', End: true } }),
      '/States/A/Timestamp',
      'expected an RFC 3339 timestamp or a JSONata expression, got "tomorrow"',
    ],
    [
      machine({ A: map({ MaxConcurrency: -1 }) }),
      '/States/A/MaxConcurrency',
      expect.stringContaining('got -1') as never,
    ],
    [
      machine({ A: map({ Label: 'x' }) }),
      '/States/A/Label',
      "Field 'Label' is supported by a Map of Mode DISTRIBUTED only",
    ],
    [
      machine({ A: map({}, end(), { Mode: 'DISTRIBUTED' }) }),
      '/States/A/ItemProcessor/ProcessorConfig/ExecutionType',
      'expected an ExecutionType of STANDARD or EXPRESS, got undefined',
    ],
    [
      machine({
        A: map({}, task({ Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken' }), {
          Mode: 'DISTRIBUTED',
          ExecutionType: 'EXPRESS',
        }),
      }),
      '/States/A/ItemProcessor/States/I/Resource',
      "Express state machine does not support '.waitForTaskToken' service integration ",
    ],
    [machine({ A: retry({ BackoffRate: 0.5 }) }), '/States/A/Retry[0]/BackoffRate', expect.anything() as never],
    [
      machine({ A: retry({ IntervalSeconds: 9, MaxDelaySeconds: 9 }) }),
      '/States/A/Retry[0]/MaxDelaySeconds',
      expect.anything() as never,
    ],
    [machine({ A: retry({ MaxAttempt: 3 }) }), '/States/A/Retry[0]/MaxAttempt', "Field 'MaxAttempt' is not supported"],
    [
      machine({ A: retry({ ErrorEquals: ['States.ALL', 'E'] }) }),
      '/States/A/Retry[0]/ErrorEquals',
      'States.ALL must appear alone, and in the last place',
    ],
    [
      machine({ A: task({ TimeoutSeconds: 5, HeartbeatSeconds: 5 }) }),
      '/States/A/HeartbeatSeconds',
      'expected HeartbeatSeconds to be less than TimeoutSeconds',
    ],
    [
      machine({ A: end({ Output: '{% 1' }) }),
      '/States/A/Output',
      expect.stringContaining("between '{%' and '%}'") as never,
    ],
    [
      machine({ A: end({ Assign: { states: 1 } }) }),
      '/States/A/Assign/states',
      "the variable name 'states' is reserved",
    ],
    [machine({ A: end({ Assign: { '1a': 1 } }) }), '/States/A/Assign/1a', expect.anything() as never],
    [
      machine({ A: map({ Assign: { x: 1 } }, end({ Assign: { x: 2 } })) }),
      '/States/A/ItemProcessor/States/I/Assign/x',
      "the variable 'x' is assigned in an outer scope already",
    ],
  ])('%s', (text, location, message) => {
    expect(validate(text).findings).toContainEqual(
      expect.objectContaining({ severity: 'ERROR', message, ...(location && { location }) }),
    );
  });

  it('may assign the same name in scopes beside each other', () => {
    const text = machine({ A: branches(end({ Assign: { x: 1 } }), end({ Assign: { x: 2 } })) });
    expect(validate(text).findings).toEqual([]);
  });
});

describe('the shipped state machines', () => {
  const files = readdirSync('state-machines').filter((file) => file.endsWith('.asl.json'));
  it.each(files)('%s is valid', (file) => {
    expect(validate(readFileSync(`state-machines/${file}`, 'utf8'))).toMatchObject({
      findings: [],
      notImplemented: [],
    });
  });
});
