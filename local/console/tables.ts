import type {
  AttributeValue,
  DescribeTableOutput,
  ListTablesOutput,
  QueryOutput,
  ScanOutput,
  TableDescription,
} from '@aws-sdk/client-dynamodb';
import { type Markup, markup } from './markup.ts';
import { code, facts, link, more, type Page, segment, statusTag, table } from './page.ts';
import { everyPage, type View } from './view.ts';

const PAGE = 50;

/** `/tables`: all of them. */
export async function tablesPage(view: View): Promise<Page> {
  const pages = await everyPage(
    (name) => view.ask<ListTablesOutput>('dynamodb', 'ListTables', { ...(name && { ExclusiveStartTableName: name }) }),
    ({ LastEvaluatedTableName }) => LastEvaluatedTableName,
  );
  const names = pages.flatMap(({ TableNames }) => TableNames ?? []);
  return {
    title: 'Tables',
    section: '/tables',
    body: table(
      ['Name'],
      names.map((name) => [link(`/tables/${segment(name)}`, name)]),
      'There is no table yet.',
    ),
  };
}

/** `/tables/{name}?partition=…`: the items of one partition, or the first ones of the table. */
export async function tablePage(view: View): Promise<Page> {
  const name = view.path[0]!;
  const { Table } = await view.ask<DescribeTableOutput>('dynamodb', 'DescribeTable', { TableName: name });
  const key = Table?.KeySchema?.find(({ KeyType }) => KeyType === 'HASH')?.AttributeName ?? '';
  const partition = view.query.get('partition') || undefined;
  const { Items = [], LastEvaluatedKey } = await itemsOf(view, Table ?? {}, key, partition);
  const path = `/tables/${segment(name)}${partition === undefined ? '' : `?partition=${segment(partition)}`}`;
  return {
    title: name,
    section: '/tables',
    body: markup`${facts([
      ['Status', statusTag(Table?.TableStatus ?? '')],
      ['Key', Table?.KeySchema?.map(({ AttributeName }) => AttributeName).join(', ')],
      ['Indexes', Table?.GlobalSecondaryIndexes?.map(({ IndexName }) => IndexName).join(', ')],
    ])}
<form method="get"><label for="partition" class="soft">${key}</label><input id="partition" name="partition" value="${partition}"><button>Show partition</button></form>
<h2>${partition === undefined ? 'First items' : `Items of ${partition}`}</h2>${Items.length === 0 && markup`<p class="soft">No item.</p>`}${Items.length > 0 && markup`<div class="card table">${Items.map((item) => itemDetails(item, Table ?? {}, name, key))}</div>`}
${more(path, LastEvaluatedKey && Buffer.from(JSON.stringify(LastEvaluatedKey)).toString('base64url'))}`,
  };
}

function itemsOf(view: View, { TableName, AttributeDefinitions }: TableDescription, key: string, partition?: string) {
  const after = view.query.get('after');
  const page = {
    TableName,
    Limit: PAGE,
    ...(after && { ExclusiveStartKey: JSON.parse(Buffer.from(after, 'base64url').toString('utf8')) }),
  };
  if (partition === undefined) return view.ask<ScanOutput>('dynamodb', 'Scan', page);
  const type = AttributeDefinitions?.find(({ AttributeName }) => AttributeName === key)?.AttributeType ?? 'S';
  return view.ask<QueryOutput>('dynamodb', 'Query', {
    ...page,
    KeyConditionExpression: '#key = :key',
    ExpressionAttributeNames: { '#key': key },
    ExpressionAttributeValues: { ':key': { [type]: partition } },
  });
}

type Item = Readonly<Record<string, AttributeValue>>;

function itemDetails(item: Item, { KeySchema = [] }: TableDescription, name: string, key: string): Markup {
  const keys = KeySchema.map(({ AttributeName = '' }) => scalar(item[AttributeName]));
  return markup`<details class="state"><summary><strong>${keys.join(' · ')}</strong> <span class="kind">${Object.keys(item).length} attributes</span></summary><div>
<p class="small">${link(`/tables/${segment(name)}?partition=${segment(scalar(item[key]))}`, 'All items of this partition')}</p>${code(JSON.stringify(plain({ M: item as Record<string, AttributeValue> }), null, 2))}</div></details>`;
}

const scalar = (value: AttributeValue | undefined): string => String(value?.S ?? value?.N ?? value?.B ?? '');

/** A value as JSON shows it best: numbers as their text where JSON would round them, sets as lists. */
function plain(value: AttributeValue): unknown {
  if (value.M) return Object.fromEntries(Object.entries(value.M).map(([name, inner]) => [name, plain(inner)]));
  if (value.L) return value.L.map(plain);
  if (value.N !== undefined) return String(Number(value.N)) === value.N ? Number(value.N) : value.N;
  if (value.NULL) return null;
  return value.S ?? value.BOOL ?? value.SS ?? value.NS ?? value.B ?? value.BS;
}
