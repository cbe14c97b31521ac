import type { GetQueueAttributesResult, ListDeadLetterSourceQueuesResult, ListQueuesResult } from '@aws-sdk/client-sqs';
import { markup } from './markup.ts';
import { facts, json, link, type Page, segment, table } from './page.ts';
import { everyPage, type View } from './view.ts';

const nameOf = (urlOrArn: string): string => urlOrArn.split(/[/:]/).at(-1)!;

/** `/queues`: all of them, with how many messages wait. */
export async function queuesPage(view: View): Promise<Page> {
  const pages = await everyPage(
    () => view.ask<ListQueuesResult>('sqs', 'ListQueues'),
    () => undefined,
  );
  const rows = await Promise.all(
    pages
      .flatMap(({ QueueUrls }) => QueueUrls ?? [])
      .map(async (url) => {
        const attributes = await attributesOf(view, url);
        const dead = deadLetterQueue(attributes);
        return [
          link(`/queues/${segment(nameOf(url))}`, nameOf(url)),
          attributes.ApproximateNumberOfMessages,
          attributes.ApproximateNumberOfMessagesNotVisible,
          attributes.ApproximateNumberOfMessagesDelayed,
          dead && link(`/queues/${segment(dead)}`, dead),
        ];
      }),
  );
  return {
    title: 'Queues',
    section: '/queues',
    body: table(['Name', 'Waiting', 'In flight', 'Delayed', 'Dead letters'], rows, 'There is no queue yet.'),
  };
}

/** `/queues/{name}`: depth, dead letters and settings. Messages are not read: receiving them would hide them from their reader. */
export async function queuePage(view: View): Promise<Page> {
  const QueueName = view.path[0]!;
  const { QueueUrl } = await view.ask<{ QueueUrl: string }>('sqs', 'GetQueueUrl', { QueueName });
  const attributes = await attributesOf(view, QueueUrl);
  const { queueUrls = [] } = await view.ask<ListDeadLetterSourceQueuesResult>('sqs', 'ListDeadLetterSourceQueues', {
    QueueUrl,
  });
  const dead = deadLetterQueue(attributes);
  const sources = queueUrls.map(nameOf).map((name) => markup`${link(`/queues/${segment(name)}`, name)} `);
  const { RedrivePolicy, Policy, ...others } = attributes;
  return {
    title: QueueName,
    section: '/queues',
    body: markup`${facts([
      ['Waiting', attributes.ApproximateNumberOfMessages],
      ['In flight', attributes.ApproximateNumberOfMessagesNotVisible],
      ['Delayed', attributes.ApproximateNumberOfMessagesDelayed],
      ['Dead letters go to', dead && link(`/queues/${segment(dead)}`, dead)],
      ['Dead letters of', sources.length > 0 && sources],
    ])}<p class="soft">Messages are not shown: to receive one hides it from its reader.</p>
<h2>Settings</h2>${json(JSON.stringify(others))}${RedrivePolicy && markup`<h2>Redrive policy</h2>${json(RedrivePolicy)}`}${Policy && markup`<h2>Policy</h2>${json(Policy)}`}`,
  };
}

type Attributes = NonNullable<GetQueueAttributesResult['Attributes']>;

const attributesOf = async (view: View, QueueUrl: string): Promise<Attributes> =>
  (await view.ask<GetQueueAttributesResult>('sqs', 'GetQueueAttributes', { QueueUrl, AttributeNames: ['All'] }))
    .Attributes ?? {};

function deadLetterQueue({ RedrivePolicy }: Attributes): string | undefined {
  if (!RedrivePolicy) return undefined;
  const { deadLetterTargetArn } = JSON.parse(RedrivePolicy) as { deadLetterTargetArn?: string };
  return deadLetterTargetArn && nameOf(deadLetterTargetArn);
}
