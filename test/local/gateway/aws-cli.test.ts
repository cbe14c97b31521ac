import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { SmallCloud } from '../support/small-cloud.ts';

const run = promisify(execFile);
/** Every AWS CLI of this machine; versions differ in protocols, checksums and uploads. */
const installed = (process.env.PATH ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'aws'))
  .filter(existsSync)
  .map((file) => realpathSync(file));
if (installed.length === 0) console.warn('no AWS CLI is installed: its tests are skipped');

const directory = mkdtempSync(join(tmpdir(), 'launchway-cli-'));
let small: SmallCloud;
beforeAll(async () => {
  small = await SmallCloud.start();
});
afterAll(async () => {
  await small.stop();
  rmSync(directory, { recursive: true, force: true });
});

(installed.length > 0 ? it : it.skip)(
  'serves every AWS CLI of this machine',
  async () => {
    await Promise.all([...new Set(installed)].map((aws, index) => exercise(aws, `cli-${index}`)));
  },
  180_000,
);

async function exercise(aws: string, name: string): Promise<void> {
  const keys = {
    AWS_ACCESS_KEY_ID: 'alice',
    AWS_SECRET_ACCESS_KEY: 's',
    AWS_DEFAULT_REGION: 'eu-west-1',
    AWS_PAGER: '',
  };
  const cli = async (...args: string[]) => {
    const { stdout } = await run(aws, ['--endpoint-url', small.cloud.url, ...args], {
      env: { ...process.env, ...keys },
    });
    return stdout;
  };
  const arn = 'arn:aws:iam::000000000000:user/alice';
  expect(JSON.parse(await cli('sts', 'get-caller-identity'))).toEqual({
    UserId: 'alice',
    Account: '000000000000',
    Arn: arn,
  });

  const file = join(directory, `${name}.txt`);
  // More than the CLI's threshold for multipart uploads.
  writeFileSync(file, Buffer.alloc(9 * 1024 * 1024, 'z'));
  await cli('s3', 'mb', `s3://${name}`);
  await cli('s3', 'cp', file, `s3://${name}/a b/big.txt`);
  expect(await cli('s3', 'ls', `s3://${name}/a b/`)).toMatch(/9437184 big\.txt/);
  await cli('s3', 'cp', `s3://${name}/a b/big.txt`, `${file}.back`);
  expect(readFileSync(`${file}.back`).equals(readFileSync(file))).toBe(true);
  await cli('s3', 'rm', '--recursive', `s3://${name}`);
  expect(await cli('s3', 'ls', `s3://${name}`)).toBe('');

  const { QueueUrl } = JSON.parse(await cli('sqs', 'create-queue', '--queue-name', name));
  await cli('sqs', 'send-message', '--queue-url', QueueUrl, '--message-body', 'a & <b>');
  const { Messages } = JSON.parse(await cli('sqs', 'receive-message', '--queue-url', QueueUrl));
  expect(Messages[0].Body).toBe('a & <b>');
}
