import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { validate } from '../../../local/services/states/validate.ts';

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

  it('may not use a result before there is one, nor assign $states', () => {
    const state = { Type: 'Wait', Seconds: '{% $states.result %}', Assign: { states: 1 } };
    expect(messages(state)).toEqual(['$states.result is not available here', "the variable name 'states' is reserved"]);
  });

  it('is refused where it is no definition at all', () => {
    for (const text of [
      '',
      '[]',
      '{}',
      '{"StartAt":"A","States":{"A":1}}',
      '{"StartAt":"A","States":{"A":{"Type":"Map","ItemProcessor":7}}}',
    ]) {
      expect(validate(text).findings).not.toEqual([]);
    }
  });

  it('is told apart where its states are JSONPath', () => {
    const jsonPath = { QueryLanguage: undefined };
    expect(pass({ InputPath: '$.a' }, jsonPath)).toMatchObject({ findings: [], notImplemented: ['A'] });
    expect(pass({}, jsonPath)).toMatchObject({ findings: [], notImplemented: [] });
    expect(messages({ QueryLanguage: 'JSONPath' })).toEqual([
      'a JSONata state machine may not contain JSONPath states',
    ]);
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
