import { type DeployedResource, deployedResources } from '../provisioner/state.ts';
import { Mailbox } from '../services/ses/mailbox.ts';
import { endpointsTable } from './endpoints.ts';
import { type Markup, markup } from './markup.ts';
import { facts, link, type Page, segment, table, time } from './page.ts';
import { executions, executionsTable, stateMachines } from './state-machines.ts';
import type { View } from './view.ts';

const MOST_MAILS = 5;
const MOST_RUNNING = 50;

/** The console's first page: the clock, what runs, and what is deployed. */
export async function overviewPage(view: View): Promise<Page> {
  const { cloud } = view;
  const running = await runningExecutions(view);
  const next = cloud.clock.nextDue;
  return {
    title: 'Local cloud',
    section: '',
    live: running.length > 0,
    body: markup`${facts([
      ['Clock', markup`${time(cloud.clock.date())} <span class="soft">UTC, as are all times here</span>`],
      ['Next due', next === undefined ? 'nothing' : time(new Date(next))],
      ['Account', `${cloud.account}, ${cloud.region}`],
      [
        'Use it',
        markup`<code>export AWS_ENDPOINT_URL=${cloud.url} AWS_ACCESS_KEY_ID=me AWS_SECRET_ACCESS_KEY=local AWS_DEFAULT_REGION=${cloud.region}</code>`,
      ],
    ])}
${offers(view, 'states', 'ListExecutions') && markup`<h2>Running executions</h2>${executionsTable(view, running)}`}
${offers(view, 'sagemaker', 'ListEndpoints') && markup`<h2>Endpoints</h2>${await endpointsTable(view)}`}
<h2>Latest mails</h2>${mails(view)}
<h2>Deployed</h2>${deployed(view)}
<h2>Services</h2>${services(view)}`,
  };
}

const offers = ({ cloud }: View, service: string, operation: string): boolean =>
  cloud.services.some(({ name, operations }) => name === service && operation in operations);

async function runningExecutions(view: View) {
  if (!offers(view, 'states', 'ListExecutions')) return [];
  const lists = await Promise.all(
    (await stateMachines(view)).map(({ stateMachineArn }) =>
      executions(view, { stateMachineArn, statusFilter: 'RUNNING', maxResults: MOST_RUNNING }),
    ),
  );
  return lists
    .flatMap((list) => list.executions ?? [])
    .sort((a, b) => b.startDate!.getTime() - a.startDate!.getTime())
    .slice(0, MOST_RUNNING);
}

/** SES has no operation that lists what was sent, so these come from the inbox. */
const mails = ({ cloud }: View): Markup =>
  table(
    ['Subject', 'To', 'Sent'],
    new Mailbox(cloud)
      .list()
      .slice(-MOST_MAILS)
      .reverse()
      .map((mail) => [
        link(`/inbox/${segment(mail.id)}`, mail.subject || '(no subject)'),
        mail.to.join(', '),
        time(new Date(mail.at)),
      ]),
    'No mail yet.',
  );

/** Resource types that have a page, and where it is. */
const PAGES: ReadonlyMap<string, string> = new Map([
  ['AWS::StepFunctions::StateMachine', '/state-machines'],
  ['AWS::Lambda::Function', '/functions'],
  ['AWS::S3::Bucket', '/buckets'],
  ['AWS::DynamoDB::Table', '/tables'],
  ['AWS::DynamoDB::GlobalTable', '/tables'],
  ['AWS::SQS::Queue', '/queues'],
]);

/** Per stack, the resources of each type; those with a page first. */
function deployed({ cloud }: View): Markup {
  const stacks = Map.groupBy(deployedResources(cloud.store), ({ stack }) => stack);
  if (stacks.size === 0) return markup`<p class="soft">Nothing yet.</p>`;
  return markup`${[...stacks].map(([stack, entries]) => {
    const types = [...Map.groupBy(entries, ({ resource }) => resource.type)];
    types.sort(([a], [b]) => Number(PAGES.has(b)) - Number(PAGES.has(a)) || (a < b ? -1 : 1));
    return markup`<details class="card"${stacks.size < 4 && markup` open`}><summary><strong>${stack}</strong> <span class="kind">${entries.length} resources</span></summary>
${types.map(([type, found]) => markup`<details class="state"${PAGES.has(type) && markup` open`}><summary>${type.replace('AWS::', '')} <span class="kind">${found.length}</span></summary><div>${found.map(({ resource }) => markup`<div>${resourceName(resource)}</div>`)}</div></details>`)}</details>`;
  })}`;
}

function resourceName({ type, ref, logicalId }: DeployedResource): Markup {
  const section = PAGES.get(type);
  const name = ref.split(/[/:]/).at(-1) ?? ref;
  return section
    ? markup`${link(`${section}/${segment(name)}`, name)} <span class="kind">${logicalId}</span>`
    : markup`${ref} <span class="kind">${logicalId}</span>`;
}

const services = ({ cloud }: View): Markup =>
  markup`<div class="card table">${cloud.services.map(
    ({ name, operations }) =>
      markup`<details class="state"><summary>${name} <span class="kind">${Object.keys(operations).length} operations</span></summary><div class="small">${Object.keys(operations).join(', ')}</div></details>`,
  )}</div>`;
