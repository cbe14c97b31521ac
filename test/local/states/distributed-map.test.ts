import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parseRows } from '../../../local/services/states/map-run/csv.ts';
import { StatesCloud } from './states-cloud.ts';

let states: StatesCloud;
let failing: readonly unknown[] = [];

beforeEach(async () => {
  failing = [];
  states = await StatesCloud.start({
    work: (event) => {
      if (failing.includes(event)) throw Object.assign(new Error(`no ${event}`), { name: 'Broken' });
      return event;
    },
  });
  await states.call('CreateBucket', { Bucket: 'data' }, 's3');
});
afterEach(() => states.stop());

const put = (Key: string, text: string) =>
  states.call('PutObject', { Bucket: 'data', Key, Body: Buffer.from(text) }, 's3');

const distributed = (more: object, type = 'EXPRESS') => ({
  StartAt: 'Each',
  States: {
    Each: {
      Type: 'Map',
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: type },
        StartAt: 'Work',
        States: {
          Work: {
            Type: 'Task',
            Resource: 'arn:aws:states:::lambda:invoke',
            Arguments: { FunctionName: 'work', Payload: '{% $states.input %}' },
            Output: '{% $states.result.Payload %}',
            End: true,
          },
        },
      },
      End: true,
      ...more,
    },
  },
});

const reader = (config: object, key = 'items') => ({
  ItemReader: {
    Resource: 'arn:aws:states:::s3:getObject',
    ReaderConfig: config,
    Arguments: { Bucket: 'data', Key: `{% '${key}' %}` },
  },
});

describe('a Distributed Map', () => {
  it('runs an execution per item and returns their outputs in order', async () => {
    const end = await states.run(distributed({ Items: [3, 1, 2], MaxConcurrency: 2 }, 'STANDARD'));
    expect(end).toMatchObject({ status: 'SUCCEEDED', output: '[3,1,2]' });
    expect(await states.types(end.executionArn)).toEqual([
      'ExecutionStarted',
      'MapStateEntered',
      'MapStateStarted',
      'MapRunStarted',
      'MapRunSucceeded',
      'MapStateSucceeded',
      'MapStateExited',
      'ExecutionSucceeded',
    ]);
    const { mapRuns } = await states.call('ListMapRuns', { executionArn: end.executionArn });
    const { executions } = await states.call('ListExecutions', { mapRunArn: mapRuns[0].mapRunArn });
    expect(executions.map(({ status }: { status: string }) => status)).toEqual(['SUCCEEDED', 'SUCCEEDED', 'SUCCEEDED']);
  });

  it('takes the objects under a prefix as its items', async () => {
    for (const key of ['in/b', 'in/a', 'out/c']) await put(key, 'x');
    const end = await states.run(
      distributed({
        ItemReader: { Resource: 'arn:aws:states:::s3:listObjectsV2', Arguments: { Bucket: 'data', Prefix: 'in/' } },
        ItemSelector: '{% $states.context.Map.Item.Value.Key %}',
      }),
    );
    expect(end.output).toBe('["in/a","in/b"]');
  });

  it.each([
    ['CSV', 'id,name\n1,a\n2,"b, c"\n', '[{"id":"1","name":"a"},{"id":"2","name":"b, c"}]'],
    ['JSON', '[1,{"a":2}]', '[1,{"a":2}]'],
    ['JSONL', '{"a":1}\n{"a":2}\n', '[{"a":1},{"a":2}]'],
  ])('reads its items from %s', async (InputType, text, output) => {
    await put('items', text);
    const config = InputType === 'CSV' ? { InputType, CSVHeaderLocation: 'FIRST_ROW' } : { InputType };
    expect(await states.run(distributed(reader(config)))).toMatchObject({ status: 'SUCCEEDED', output });
  });

  it('hands out its items in batches', async () => {
    const end = await states.run(
      distributed({ Items: [1, 2, 3, 4, 5], ItemBatcher: { MaxItemsPerBatch: 2, BatchInput: { by: '{% 1 + 1 %}' } } }),
    );
    expect(JSON.parse(end.output)).toEqual([
      { BatchInput: { by: 2 }, Items: [1, 2] },
      { BatchInput: { by: 2 }, Items: [3, 4] },
      { BatchInput: { by: 2 }, Items: [5] },
    ]);
  });

  it('fails with its first failure where none is tolerated', async () => {
    failing = [2];
    const end = await states.run(distributed({ Items: [1, 2, 3] }));
    expect(end).toMatchObject({ status: 'FAILED', error: 'States.ExceedToleratedFailureThreshold' });
    expect((await states.types(end.executionArn)).slice(-3)).toEqual([
      'MapRunFailed',
      'MapStateFailed',
      'ExecutionFailed',
    ]);
  });

  it('tolerates as many failures as it says', async () => {
    failing = [2];
    const end = await states.run(distributed({ Items: [1, 2, 3, 4], ToleratedFailurePercentage: 25 }));
    expect(JSON.parse(end.output)).toMatchObject([1, { Error: 'Broken' }, 3, 4]);
  });

  it('writes its results and a manifest of them', async () => {
    failing = [2];
    const end = await states.run(
      distributed({
        Items: [1, 2],
        ToleratedFailureCount: 1,
        ResultWriter: { Resource: 'arn:aws:states:::s3:putObject', Arguments: { Bucket: 'data', Prefix: 'results' } },
      }),
    );
    const { ResultWriterDetails } = JSON.parse(end.output);
    const read = async (Key: string) => {
      const { Body } = await states.call('GetObject', { Bucket: 'data', Key }, 's3');
      return JSON.parse(Buffer.concat(await Body.toArray()).toString());
    };
    const { ResultFiles } = await read(ResultWriterDetails.Key);
    expect(await read(ResultFiles.SUCCEEDED[0].Key)).toMatchObject([{ Input: '1', Output: '1', Status: 'SUCCEEDED' }]);
    expect(await read(ResultFiles.FAILED[0].Key)).toMatchObject([{ Input: '2', Error: 'Broken', Status: 'FAILED' }]);
  });

  it('counts the items of a failed batch, not the batch', async () => {
    failing = [];
    const broken = distributed({
      Items: [1, 2, 3, 4, 5],
      ItemBatcher: { MaxItemsPerBatch: 2 },
      ToleratedFailureCount: 1,
    });
    const { Work } = broken.States.Each.ItemProcessor.States;
    Work.Output = '{% 1 in $states.input.Items ? $error("no") : $states.result.Payload %}';
    const end = await states.run(broken);
    expect(end).toMatchObject({ status: 'FAILED', error: 'States.ExceedToleratedFailureThreshold' });
    const { mapRuns } = await states.call('ListMapRuns', { executionArn: end.executionArn });
    const { itemCounts, executionCounts } = await states.call('DescribeMapRun', { mapRunArn: mapRuns[0].mapRunArn });
    expect(itemCounts).toMatchObject({ failed: 2, total: 5 });
    expect(executionCounts).toMatchObject({ failed: 1, total: 3 });
  });

  it('goes on after a restart with the children that had not ended', async () => {
    const end = distributed({ Items: [1, 2] }, 'STANDARD');
    const processor = end.States.Each.ItemProcessor as any;
    processor.States.Work.Next = 'Rest';
    delete processor.States.Work.End;
    processor.States.Rest = { Type: 'Wait', Seconds: '{% $states.input * 100 %}', End: true };
    const executionArn = await states.startExecution(await states.machine('m', end));
    await states.cloud.clock.advance(150_000);
    await states.restart();
    await states.settle(executionArn);
    expect(await states.describe(executionArn)).toMatchObject({ status: 'SUCCEEDED', output: '[1,2]' });
    expect(states.invoked).toEqual(['work', 'work']);
  });

  it('says what it could not read', async () => {
    await put('items', 'no json');
    const end = await states.run(distributed(reader({ InputType: 'JSON' })));
    expect(end).toMatchObject({ status: 'FAILED', error: 'States.ItemReaderFailed' });
    expect(await states.types(end.executionArn)).toEqual([
      'ExecutionStarted',
      'MapStateEntered',
      'MapStateStarted',
      'MapRunStarted',
      'MapRunFailed',
      'MapStateFailed',
      'ExecutionFailed',
    ]);
    const { mapRuns } = await states.call('ListMapRuns', { executionArn: end.executionArn });
    expect(await states.call('DescribeMapRun', { mapRunArn: mapRuns[0].mapRunArn })).toMatchObject({
      status: 'FAILED',
    });
    expect(await states.run(distributed(reader({ InputType: 'JSON' }, 'none')), {}, 'other')).toMatchObject({
      error: 'States.ItemReaderFailed',
    });
  });
});

describe('a CSV file', () => {
  it.each([
    [
      'a,b\n1,2\n',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'a,b\r\n\r\n"1,\n2",""""',
      [
        ['a', 'b'],
        ['1,\n2', '"'],
      ],
    ],
    ['a\\,b,c\\\\d', [['a,b', 'c\\d']]],
    ['\\x,\\"y\\"', [['x', '"y"']]],
    ['\uFEFFa\n"1"', [['a'], ['1']]],
  ])('%j is read with its quotes and backslashes', (text, rows) => {
    expect(parseRows(text, ',')).toEqual(rows);
  });

  it('fills rows that are too short and cuts those that are too long', async () => {
    await put('items', 'a|b\n1\n1|2|3\n');
    const config = { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW', CSVDelimiter: 'PIPE' };
    const end = await states.run(distributed(reader(config)));
    expect(end.output).toBe('[{"a":"1","b":""},{"a":"1","b":"2"}]');
  });
});
