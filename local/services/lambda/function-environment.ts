import type { Cloud, Principal } from '../../service.ts';
import type { FunctionRecord } from './function-record.ts';

/** Everything a function's process sees: what Lambda's runtime sets, then the function's own variables. */
export const environmentOf = (
  cloud: Cloud,
  record: FunctionRecord,
  logStream: string,
  principal: Principal,
): Record<string, string> => {
  const { accessKeyId, secretAccessKey, sessionToken } = cloud.credentialsFor(principal);
  return {
    ...record.environment,
    PATH: process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin',
    TZ: ':UTC',
    LANG: 'en_US.UTF-8',
    _HANDLER: record.handler,
    LAMBDA_TASK_ROOT: record.directory,
    LAUNCHWAY_CLOCK: JSON.stringify(cloud.clock.setting),
    AWS_EXECUTION_ENV: `AWS_Lambda_${record.runtime}`,
    AWS_REGION: cloud.region,
    AWS_DEFAULT_REGION: cloud.region,
    AWS_ENDPOINT_URL: cloud.url,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
    AWS_LAMBDA_FUNCTION_NAME: record.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(record.memoryMegabytes),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: record.logGroup,
    AWS_LAMBDA_LOG_STREAM_NAME: logStream,
    AWS_LAMBDA_LOG_FORMAT: record.logFormat,
  };
};
