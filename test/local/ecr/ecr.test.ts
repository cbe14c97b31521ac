import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BatchGetImageCommand,
  DescribeImagesCommand,
  DescribeRepositoriesCommand,
  ECRClient,
} from '@aws-sdk/client-ecr';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { imageDirectory, registerImage } from '../../../local/services/ecr/index.ts';
import { SmallCloud } from '../support/small-cloud.ts';

const REGISTRY = '000000000000.dkr.ecr.eu-west-1.amazonaws.com';
let small: SmallCloud;
let ecr: ECRClient;
let directory: string;

beforeEach(async () => {
  small = await SmallCloud.start();
  ecr = new ECRClient(small.client);
  directory = mkdtempSync(join(tmpdir(), 'launchway-image-'));
  writeFileSync(join(directory, 'Dockerfile'), 'FROM node');
  registerImage(small.cloud, 'flights:1.0', directory);
});
afterEach(async () => {
  ecr.destroy();
  await small.stop();
  rmSync(directory, { recursive: true, force: true });
});

const failure = (promise: Promise<unknown>): Promise<any> =>
  promise.then(
    () => undefined,
    (error) => error,
  );
const describeImage = (imageId: object) =>
  ecr.send(new DescribeImagesCommand({ repositoryName: 'flights', imageIds: [imageId] }));

it('resolves an image by each of its tags and by its digest', async () => {
  const { digest } = imageDirectory(small.cloud, `${REGISTRY}/flights:1.0`);
  expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(imageDirectory(small.cloud, 'flights')).toEqual({ directory, digest });
  expect(imageDirectory(small.cloud, `${REGISTRY}/flights@${digest}`)).toEqual({ directory, digest });
  const { imageDetails } = await describeImage({ imageTag: 'latest' });
  expect(imageDetails?.[0]).toMatchObject({ imageDigest: digest, imageTags: ['latest', '1.0'] });
  const { repositories } = await ecr.send(new DescribeRepositoriesCommand({}));
  expect(repositories?.[0]?.repositoryUri).toBe(`${REGISTRY}/flights`);
});

it('has another digest when a file changes, and none of installed packages', async () => {
  const { digest } = imageDirectory(small.cloud, 'flights');
  mkdirSync(join(directory, 'node_modules'));
  writeFileSync(join(directory, 'node_modules', 'index.js'), '');
  expect(imageDirectory(small.cloud, 'flights').digest).toBe(digest);
  writeFileSync(join(directory, 'Dockerfile'), 'FROM other');
  expect(imageDirectory(small.cloud, 'flights').digest).not.toBe(digest);
  expect((await failure(describeImage({ imageDigest: digest }))).name).toBe('ImageNotFoundException');
  expect(() => imageDirectory(small.cloud, `flights@${digest}`)).toThrow(
    expect.objectContaining({ code: 'ImageNotFoundException' }),
  );
});

it('says which images there are not', async () => {
  expect((await failure(describeImage({ imageTag: '2.0' }))).name).toBe('ImageNotFoundException');
  const unknown = ecr.send(new DescribeImagesCommand({ repositoryName: 'none' }));
  expect((await failure(unknown)).name).toBe('RepositoryNotFoundException');
  const imageIds = [{ imageTag: '1.0' }, { imageTag: '2.0' }];
  const { images, failures } = await ecr.send(new BatchGetImageCommand({ repositoryName: 'flights', imageIds }));
  expect(images?.map(({ imageId }) => imageId?.imageTag)).toEqual(['1.0']);
  expect(failures?.map(({ failureCode }) => failureCode)).toEqual(['ImageNotFound']);
});

it('lets others pull AWS’s own images by tag and digest, and describe none', async () => {
  const aws = { registryId: '141502667606', repositoryName: 'sagemaker-scikit-learn' };
  const pull = (imageId: object, more: object = {}) =>
    ecr.send(new BatchGetImageCommand({ ...aws, imageIds: [imageId], ...more }));
  const { images } = await pull({ imageTag: '1.2-1-cpu-py3' });
  const { imageDigest } = images![0]!.imageId!;
  expect(imageDigest).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect((await pull({ imageDigest })).images).toHaveLength(1);
  expect((await pull({ imageTag: '0.1' })).failures?.[0]?.failureCode).toBe('ImageNotFound');
  expect((await failure(pull({ imageTag: '1' }, { repositoryName: 'none' }))).name).toBe('RepositoryNotFoundException');
  expect((await failure(ecr.send(new DescribeImagesCommand(aws)))).name).toBe('AccessDeniedException');
});
