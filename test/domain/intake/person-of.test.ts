import { describe, expect, it } from '@jest/globals';
import { personOf } from '../../../domain/intake/person-of.ts';
import { classifyUpload } from '../../../domain/intake/upload-key.ts';

const person = (...principals: string[]) => ({ name: 'x', email: 'x@example.com', principals });
const config = {
  people: {
    dana: person('arn:aws:iam::*:user/team/dana', 'AIDADANA'),
    robot: person('arn:aws:iam::000000000000:role/ci'),
    once: person('arn:aws:sts::000000000000:assumed-role/shared/once'),
    unique: person('AWS:AROAUNIQUE:alex'),
    two: person('AIDATWICE'),
    three: person('AIDATWICE'),
  },
};

describe('the person behind a principal id', () => {
  it.each([
    ['AWS:dana', 'dana'],
    ['AWS:AIDADANA', 'dana'],
    ['AWS:AROAci:any-session', 'robot'],
    ['AWS:AROAshared:once', 'once'],
    ['AWS:AROAshared:twice', undefined],
    ['AWS:AROAUNIQUE:alex', 'unique'],
    ['AWS:AROAUNIQUE:sam', undefined],
    ['AWS:danae', undefined],
    ['AWS:AIDATWICE', undefined],
    ['', undefined],
  ])('%j is %p', (id, expected) => {
    expect(personOf(id, config)).toBe(expected);
  });
});

describe('what an upload is for', () => {
  it.each([
    ['models/m1/model.yaml', 'definition'],
    ['models/m1/source.tar.gz', 'source'],
    ['models/m1/data/a/b/train.csv', 'data'],
    ['models/m1/data/.csv', 'unknown'],
    ['models/m1/data/train.json', 'unknown'],
    ['models/M1/model.yaml', 'unknown'],
    ['models/m1', 'unknown'],
    ['other/m1/model.yaml', 'unknown'],
  ])('%s: %s', (key, kind) => {
    expect(classifyUpload(key).kind).toBe(kind);
  });
});
