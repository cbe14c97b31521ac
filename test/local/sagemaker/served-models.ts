import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';

import { createGzip } from 'node:zlib';
import { pack } from 'tar-stream';
import { type CloudWithFakes, ROLE } from './cloud-with-fakes.ts';

/** Answers `<model>:<line>` for each line; `fail` as a body answers 400, `die` 500, `crash` ends the process, `hang` is never answered. */
const SERVE = `#!/usr/bin/env node
const { createServer } = require('node:http');
const { readFileSync } = require('node:fs');
const model = readFileSync(process.env.SM_MODEL_DIR + '/model.txt', 'utf8').trim();
if (model === 'broken') throw new Error('no model');
createServer((request, response) => {
  if (request.url === '/ping') return response.end();
  let body = '';
  request.on('data', (chunk) => { body += chunk; });
  request.on('end', () => {
    if (body.trim() === 'crash') process.exit(1);
    if (body.trim() === 'hang') return;
    const status = { fail: 400, die: 500 }[body.trim()] ?? 200;
    response.writeHead(status, { 'content-type': 'text/csv; charset=utf-8', 'x-amzn-sagemaker-custom-attributes': 'pid=' + process.pid });
    response.end(status === 200 ? body.trimEnd().split('\\n').map((line) => model + ':' + line).join('\\n') : 'bad ' + body.trim());
  });
}).listen(process.env.SAGEMAKER_BIND_TO_PORT, process.env.SAGEMAKER_BIND_TO_HOST);
`;

/** A model or source archive of these files. */
export async function archive(files: Record<string, string | Buffer>): Promise<Buffer> {
  const tar = pack();
  for (const [name, text] of Object.entries(files)) tar.entry({ name }, text);
  tar.finalize();
  return buffer(tar.pipe(createGzip()).pipe(new PassThrough()));
}

/** Creates a model that answers with its name. */
export async function createModel(
  fakes: CloudWithFakes,
  name: string,
  answers = name,
  over: object = {},
): Promise<void> {
  fakes.image('served', { serve: SERVE });
  fakes.put(`artifacts/${name}/model.tar.gz`, await archive({ 'model.txt': answers }));
  await fakes.call('CreateModel', {
    ModelName: name,
    ExecutionRoleArn: ROLE,
    EnableNetworkIsolation: true,
    PrimaryContainer: { Image: 'served:1', ModelDataUrl: `s3://artifacts/${name}/model.tar.gz` },
    ...over,
  });
}

/** Creates a model and an endpoint configuration of the same name. */
export async function createConfig(
  fakes: CloudWithFakes,
  name: string,
  over: object = {},
  answers = name,
): Promise<void> {
  await createModel(fakes, name, answers);
  await fakes.call('CreateEndpointConfig', {
    EndpointConfigName: name,
    ProductionVariants: [
      {
        VariantName: 'live',
        ModelName: name,
        InstanceType: 'ml.m5.large',
        InitialInstanceCount: 2,
        InitialVariantWeight: 1,
      },
    ],
    ...over,
  });
}

export async function createEndpoint(fakes: CloudWithFakes, config = 'v1', over: object = {}): Promise<void> {
  await createConfig(fakes, config, over);
  await fakes.call('CreateEndpoint', { EndpointName: 'flights', EndpointConfigName: config });
  await fakes.idle();
}

export const describeEndpoint = (fakes: CloudWithFakes) => fakes.call('DescribeEndpoint', { EndpointName: 'flights' });

/** The body that an invocation answers. */
export async function invoke(fakes: CloudWithFakes, body: string, over: object = {}): Promise<string> {
  const answer = await fakes.call('InvokeEndpoint', {
    EndpointName: 'flights',
    Body: Buffer.from(body),
    ContentType: 'text/csv',
    ...over,
  });
  return Buffer.from(answer.Body).toString();
}

export const capture = (over: object = {}): object => ({
  DataCaptureConfig: {
    EnableCapture: true,
    InitialSamplingPercentage: 100,
    DestinationS3Uri: 's3://captures/flights/v1',
    CaptureOptions: [{ CaptureMode: 'Input' }, { CaptureMode: 'Output' }],
    CaptureContentTypeHeader: { CsvContentTypes: ['text/csv'] },
    ...over,
  },
});
