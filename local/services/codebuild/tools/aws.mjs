// `aws` within a local build: logs in to the local registry without an AWS CLI; everything else is the real one's.
import { spawnSync } from 'node:child_process';
import { delimiter, dirname } from 'node:path';
import { callRegistry, fail } from './call.mjs';

const args = process.argv.slice(2);
if (args[0] === 'ecr' && args[1] === 'get-login-password') {
  try {
    const { authorizationData } = await callRegistry('GetAuthorizationToken', {});
    console.log(Buffer.from(authorizationData[0].authorizationToken, 'base64').toString().replace(/^AWS:/, ''));
  } catch (error) {
    fail(`An error occurred (${error.name}) when calling the GetAuthorizationToken operation: ${error.message}`, 254);
  }
} else {
  const tools = dirname(process.env.LAUNCHWAY_TOOL ?? '');
  const PATH = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => folder !== tools)
    .join(delimiter);
  const { status, error } = spawnSync('aws', args, { stdio: 'inherit', env: { ...process.env, PATH } });
  if (error) fail('aws: command not found: this machine has no AWS CLI', 127);
  process.exit(status ?? 1);
}
