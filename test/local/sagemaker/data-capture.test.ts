import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CloudWithFakes } from './cloud-with-fakes.ts';
import { capture, createConfig, createEndpoint, invoke } from './served-models.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe('data capture', () => {
  let fakes: CloudWithFakes;
  beforeEach(() => {
    fakes = new CloudWithFakes();
  });
  afterEach(() => fakes.close());

  const files = () => [...fakes.objects.keys()].filter((key) => key.startsWith('captures/'));
  const records = () =>
    files().flatMap((key) =>
      fakes
        .text(key)
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    );
  /** Moves the clock to this long before the next full hour. */
  const beforeTheHour = (milliseconds: number) => {
    const { clock } = fakes.cloud;
    const left = HOUR - (clock.now() % HOUR);
    return clock.advance(left > milliseconds ? left - milliseconds : left + HOUR - milliseconds);
  };

  it("writes SageMaker's own records after a minute, under the hour of the inference, as the endpoint's role", async () => {
    await createEndpoint(fakes, 'v1', capture());
    await beforeTheHour(10 * MINUTE);
    const hour = fakes.cloud.clock.date().toISOString().slice(0, 13).replace(/[-T]/g, '/');
    await invoke(fakes, '7,Mon,ATL', { InferenceId: 'f-1' });
    expect(files()).toEqual([]);
    await fakes.cloud.clock.advance(MINUTE);
    expect(files()).toEqual([
      expect.stringMatching(
        new RegExp(`^captures/flights/v1/flights/live/${hour}/\\d\\d-\\d\\d-\\d{3}-[0-9a-f-]{36}\\.jsonl$`),
      ),
    ]);
    expect(records()).toEqual([
      {
        captureData: {
          endpointInput: { observedContentType: 'text/csv', mode: 'INPUT', data: '7,Mon,ATL', encoding: 'CSV' },
          endpointOutput: {
            observedContentType: 'text/csv; charset=utf-8',
            mode: 'OUTPUT',
            data: 'v1:7,Mon,ATL',
            encoding: 'CSV',
          },
        },
        eventMetadata: {
          eventId: expect.stringMatching(/^[0-9a-f-]{36}$/),
          inferenceId: 'f-1',
          inferenceTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        },
        eventVersion: '0',
      },
    ]);
    expect(fakes.puts.at(-1)!.principal).toBe('arn:aws:sts::000000000000:assumed-role/train/SageMaker');
  });

  it('is in S3 before the hour is over', async () => {
    await createEndpoint(fakes, 'v1', capture());
    await beforeTheHour(5_000);
    await invoke(fakes, 'a');
    await fakes.cloud.clock.advance(5_000);
    expect(records()).toHaveLength(1);
    await invoke(fakes, 'b');
    await fakes.cloud.clock.advance(MINUTE);
    expect(new Set(files().map((key) => key.slice(0, key.lastIndexOf('/'))))).toHaveProperty('size', 2);
  });

  it('keeps base64 where no content type is listed', async () => {
    await createEndpoint(
      fakes,
      'v1',
      capture({ CaptureContentTypeHeader: undefined, CaptureOptions: [{ CaptureMode: 'Input' }] }),
    );
    await invoke(fakes, 'a');
    await fakes.cloud.clock.advance(MINUTE);
    const [{ captureData }] = records();
    expect(captureData).toEqual({
      endpointInput: { observedContentType: 'text/csv', mode: 'INPUT', data: 'YQ==', encoding: 'BASE64' },
    });
  });

  it('captures the share of requests that it is asked for', async () => {
    await createEndpoint(fakes, 'v1', capture({ InitialSamplingPercentage: 25 }));
    for (let i = 0; i < 200; i++) await invoke(fakes, `${i}`);
    await fakes.cloud.clock.advance(MINUTE);
    expect(records().length / 200).toBeCloseTo(0.25, 1);
  });

  it('does not capture what failed, nor anything where it is off', async () => {
    await createEndpoint(fakes, 'v1', capture());
    await invoke(fakes, 'fail').catch(() => {});
    await fakes.cloud.clock.advance(MINUTE);
    expect(files()).toEqual([]);
  });

  it('loses nothing in a restart', async () => {
    await createEndpoint(fakes, 'v1', capture());
    await invoke(fakes, 'a');
    await fakes.restart();
    await fakes.cloud.clock.advance(MINUTE);
    expect(records()).toHaveLength(1);
  });

  it("writes an old fleet's records under its own prefix before the fleet goes", async () => {
    await createEndpoint(fakes, 'v1', capture());
    await invoke(fakes, 'a');
    await createConfig(fakes, 'v2', capture({ DestinationS3Uri: 's3://captures/flights/v2' }));
    await fakes.call('UpdateEndpoint', { EndpointName: 'flights', EndpointConfigName: 'v2' });
    await fakes.idle();
    expect(files()).toEqual([expect.stringContaining('captures/flights/v1/')]);
    await invoke(fakes, 'a');
    await fakes.cloud.clock.advance(MINUTE);
    expect(files().map((key) => key.split('/')[2])).toEqual(['v1', 'v2']);
  });

  it('reports what it cannot write, and tries again', async () => {
    await createEndpoint(fakes, 'v1', capture());
    await invoke(fakes, 'a');
    const role = fakes.cloud.iam.roles.byName('train')!;
    fakes.cloud.iam.roles.put({ ...role, trust: { Statement: [] } });
    await fakes.cloud.clock.advance(MINUTE);
    expect(fakes.reports.join('\n')).toContain('captured records of endpoint flights not written');
    fakes.cloud.iam.roles.put(role);
    await fakes.cloud.clock.advance(MINUTE);
    expect(records()).toHaveLength(1);
  });
});
