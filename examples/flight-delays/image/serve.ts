import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Model } from './model.ts';
import { createScoringServer } from './serving.ts';

const model = Model.parse(readFileSync(join(process.env.SM_MODEL_DIR ?? '/opt/ml/model', 'model.json'), 'utf8'));
// In a container every interface and port 8080; on a laptop what the local cloud asks for.
const port = Number(process.env.SAGEMAKER_BIND_TO_PORT ?? 8080);
const host = process.env.SAGEMAKER_BIND_TO_HOST ?? '0.0.0.0';
const server = createScoringServer(model).listen(port, host, () => console.log(`listening on ${host}:${port}`));
process.on('SIGTERM', () => server.close(() => process.exit(0)));
