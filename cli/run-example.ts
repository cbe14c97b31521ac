import type { ModelRow } from '../domain/model.ts';
import { type Connection, connectTo } from './connection.ts';
import { LocalClock } from './demo/local-clock.ts';
import { type Example, loadExample } from './example.ts';
import { bold } from './output.ts';
import { submitModel } from './submit-model.ts';
import { watchRelease } from './watch-release.ts';

/**
 * Submits an example to a running local cloud, shows its progress state by state, waits for a person to approve in the browser,
 * and says how to call the endpoint. Finds what an earlier run left and goes on from there.
 *
 * @param url of the local cloud
 */
export async function runExample(
  url: string,
  name: string,
  prefix: string,
  say: (line: string) => void,
): Promise<void> {
  const example = await loadExample(name);
  const connection = await connectTo(url, prefix, example.submitter);
  const clock = new LocalClock(url);
  const model = await submitOnce(connection, example, await clock.now(), say);
  const row = await connection.lineage.getModel(model);
  const release = row.activeRelease ?? row.releases;
  const end = await watchRelease(connection, model, release, say, {
    fastForward: () => clock.advance(30_000),
    onAwaitingApproval: () =>
      say(`\n${bold('Your decision:')} open ${url}/_launchway/inbox and follow the link in the mail to Ada.\n`),
  });
  if (end.status === 'Deployed') return say(howToCall(url, await connection.lineage.getModel(model), example));
  say(
    `${bold(end.status)}: ${end.outcome?.message ?? 'no reason recorded'}; the mail in ${url}/_launchway/inbox says more`,
  );
}

/** An example that was submitted before, to this state, is not submitted again. */
async function submitOnce(
  connection: Connection,
  example: Example,
  now: number,
  say: (line: string) => void,
): Promise<string> {
  const known = await connection.lineage.findModel(example.name);
  if (known?.releases) {
    say(`found ${example.name} with ${known.releases} release${known.releases > 1 ? 's' : ''} from an earlier run`);
    return example.name;
  }
  say(`uploading ${example.name}: model.yaml and ${example.trainingFile.name}`);
  const { model } = await submitModel(connection, example, new Date(now));
  return model;
}

function howToCall(url: string, { champion }: ModelRow, example: Example): string {
  const [row] = example.requests('quiet', 0, 1);
  const endpoint = champion!.endpointName;
  return `
${bold(`version ${champion!.version} serves.`)} Ask it:

  aws --endpoint-url ${url} --region eu-west-1 sagemaker-runtime invoke-endpoint --endpoint-name ${endpoint} \\
      --content-type text/csv --cli-binary-format raw-in-base64-out --body '${row}' /dev/stdout

  curl -s --aws-sigv4 aws:amz:eu-west-1:sagemaker --user dana:local -H 'content-type: text/csv' \\
      --data '${row}' ${url}/endpoints/${endpoint}/invocations

(AWS CLI 1 does not know --cli-binary-format: leave it out there.)

Watch it: npx launchway status ${example.name} · npx launchway lineage ${example.name}/${champion!.version} · npx launchway local advance 1d
`;
}
