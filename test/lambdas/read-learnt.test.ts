import { expect, it } from '@jest/globals';
import { readLearnt } from '../../lambdas/govern-retraining/read-learnt.ts';
import { FixedClock, InMemoryObjectStore } from '../support/in-memory.ts';

it('rows that were captured before come in the order of the columns of people’s own, whatever theirs was', async () => {
  const objects = new InMemoryObjectStore(new FixedClock().now);
  const fileOf = async (name: string, text: string) => {
    const object = { bucket: 'approved', key: name, sha256: 'a'.repeat(64) };
    await objects.put(object, text, 'text/csv');
    return { role: 'train' as const, name, object, bytes: text.length };
  };
  const people = [
    await fileOf('part-people.csv', 'id,at,x,y\n1,2001-01-01T00:00:00Z,5,no\n2,2001-01-02T00:00:00Z,6,yes\n'),
  ];
  const captured = [await fileOf('part-captured-1.csv', 'y,x,id,at\nyes,7,3,2001-01-03T00:00:00Z\n')];
  const learnt = await readLearnt(
    objects,
    { people, captured },
    { columns: { id: 'id', timestamp: 'at', attributes: [], others: 'refuse' } },
    new Set(['2', '3']),
  );
  expect(learnt.style.header).toEqual(['id', 'at', 'x', 'y']);
  expect([...learnt.captured]).toEqual([['3', ['3', '2001-01-03T00:00:00Z', '7', 'yes']]]);
  expect([...learnt.ids]).toEqual(['2']);
});
