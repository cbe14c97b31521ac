import { expect, it } from '@jest/globals';
import { execute } from '../../../local/services/states/execute.ts';

const TASK = 'arn:aws:states:::lambda:invoke';
const PASS = { StartAt: 'P', States: { P: { Type: 'Pass', End: true } } };
const run = (state: object) =>
  execute({ QueryLanguage: 'JSONata', StartAt: 'S', States: { S: { End: true, ...state } } }, {}, { [TASK]: () => 1 });

const map = (more: object) => ({ Type: 'Map', Items: [1, 2], ItemProcessor: PASS, ...more });
const task = (more: object) => ({ Type: 'Task', Resource: TASK, Arguments: {}, ...more });
const field = (name: string, range: string, got: number) =>
  `The ${name} field must be an integer between ${range} but was: ${got}`;

it.each([
  ['a function', { Type: 'Pass', Output: '{% function($x) { $x } %}' }, 'returned an unsupported result type.'],
  ['a function within', { Type: 'Pass', Assign: { f: '{% {"f": $sum} %}' } }, 'returned an unsupported result type.'],
  ['no number of JSON', { Type: 'Pass', Output: '{% 1 / 0 %}' }, 'D1001: Number out of range: Infinity'],
  ['a wait', { Type: 'Wait', Seconds: '{% -1 %}' }, field('Seconds', '0 and 99999999', -1)],
  ['a timeout', task({ TimeoutSeconds: '{% 0 %}' }), field('TimeoutSeconds', '1 and 99999999', 0)],
  ['a heartbeat', task({ HeartbeatSeconds: '{% 0.5 %}' }), field('HeartbeatSeconds', '1 and 99999999', 0.5)],
  [
    'a heartbeat beyond the timeout',
    task({ TimeoutSeconds: '{% 5 %}', HeartbeatSeconds: '{% 5 %}' }),
    'The HeartbeatSeconds field must be less than TimeoutSeconds (5) but was: 5',
  ],
  ['a concurrency', map({ MaxConcurrency: '{% -1 %}' }), field('MaxConcurrency', '0 and 2147483647', -1)],
  [
    'a percentage',
    map({ ToleratedFailurePercentage: '{% 101 %}' }),
    'The ToleratedFailurePercentage field must be a number between 0 and 100 but was: 101',
  ],
])('an expression for %s ends the execution with its reason', async (_, state, cause) => {
  expect(await run(state)).toMatchObject({
    status: 'FAILED',
    error: 'States.QueryEvaluationError',
    cause: expect.stringContaining(cause),
  });
});
