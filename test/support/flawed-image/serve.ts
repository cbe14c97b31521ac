import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const directory = process.env.SM_MODEL_DIR ?? '/opt/ml/model';
const { flaw, hour, rates } = JSON.parse(readFileSync(join(directory, 'model.json'), 'utf8')) as {
  flaw?: string;
  hour: number;
  rates: Record<string, number>;
};
if (flaw === 'does not serve') {
  console.error('ModuleNotFoundError: no module named encoder');
  process.exit(3);
}
createServer(async (request, response) => {
  const rows = (await text(request)).split('\n').filter(Boolean);
  if (flaw === 'knows no other hours' && rows.some((row) => rates[row.split(',')[hour]!] === undefined)) {
    response.writeHead(500).end('KeyError');
    return;
  }
  response.setHeader('content-type', 'text/csv');
  response.end(rows.map((row) => rates[row.split(',')[hour]!] ?? 0.2).join('\n'));
}).listen(Number(process.env.SAGEMAKER_BIND_TO_PORT ?? 8080), process.env.SAGEMAKER_BIND_TO_HOST);
