import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DeployedConfig } from '../../domain/deployed-config.ts';

/** The deployed configuration, a file that `cdk deploy` puts beside the functions' code. */
export const readDeployedConfig = (): DeployedConfig =>
  JSON.parse(
    readFileSync(join(process.env.LAMBDA_TASK_ROOT ?? process.cwd(), 'deployed-config.json'), 'utf8'),
  ) as DeployedConfig;
