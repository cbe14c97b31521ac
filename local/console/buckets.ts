import { Readable } from 'node:stream';
import type { GetObjectOutput, HeadObjectOutput, ListBucketsOutput, ListObjectsV2Output } from '@aws-sdk/client-s3';
import { type Markup, markup } from './markup.ts';
import { bytes, code, facts, link, more, type Page, segment, table, time } from './page.ts';
import { NotFound, type View } from './view.ts';

/** Largest object of which a preview is shown, in bytes. */
const LARGEST = 65_536;

/** `/buckets`: all of them. */
export async function bucketsPage(view: View): Promise<Page> {
  const { Buckets = [] } = await view.ask<ListBucketsOutput>('s3', 'ListBuckets');
  return {
    title: 'Buckets',
    section: '/buckets',
    body: table(
      ['Name', 'Created'],
      Buckets.map(({ Name = '', CreationDate }) => [link(`/buckets/${segment(Name)}`, Name), time(CreationDate)]),
      'There is no bucket yet.',
    ),
  };
}

/** `/buckets/{name}?prefix=…`: folders and objects below a prefix. */
export async function bucketPage(view: View): Promise<Page> {
  const Bucket = view.path[0]!;
  const Prefix = view.query.get('prefix') ?? '';
  const token = view.query.get('after');
  const listed = await view.ask<ListObjectsV2Output>('s3', 'ListObjectsV2', {
    Bucket,
    Prefix,
    Delimiter: '/',
    MaxKeys: 200,
    ...(token && { ContinuationToken: token }),
  });
  const folders = (listed.CommonPrefixes ?? []).map(({ Prefix: folder = '' }) => [
    link(folderPath(Bucket, folder), folder.slice(Prefix.length)),
  ]);
  const objects = (listed.Contents ?? []).map(({ Key = '', Size, LastModified }) => [
    link(`/objects?bucket=${segment(Bucket)}&key=${segment(Key)}`, Key.slice(Prefix.length) || Key),
    bytes(Size ?? 0),
    time(LastModified),
  ]);
  return {
    title: Bucket,
    section: '/buckets',
    body: markup`<form method="get"><label for="prefix" class="soft">Prefix</label><input id="prefix" name="prefix" value="${Prefix}"><button>Show</button></form>
${crumbs(Bucket, Prefix)}${table(['Name', 'Size', 'Changed'], [...folders, ...objects], 'No object here.')}${more(folderPath(Bucket, Prefix), listed.NextContinuationToken)}`,
  };
}

const folderPath = (bucket: string, prefix: string): string => `/buckets/${segment(bucket)}?prefix=${segment(prefix)}`;

/** The way down to a prefix, each part a link. */
function crumbs(bucket: string, prefix: string): Markup {
  const parts = prefix.split('/').slice(0, -1);
  return markup`<p>${link(`/buckets/${segment(bucket)}`, bucket)}${parts.map(
    (part, index) => markup` / ${link(folderPath(bucket, `${parts.slice(0, index + 1).join('/')}/`), part)}`,
  )}</p>`;
}

/** `/objects?bucket=…&key=…`: an object's metadata, and its content where it is small text. */
export async function objectPage(view: View): Promise<Page> {
  const [Bucket, Key] = [view.query.get('bucket'), view.query.get('key')];
  if (!Bucket || !Key) throw new NotFound('expected ?bucket= and &key=, got less');
  const head = await view.ask<HeadObjectOutput>('s3', 'HeadObject', { Bucket, Key });
  return {
    title: Key,
    section: '/buckets',
    body: markup`${crumbs(Bucket, Key)}${facts([
      ['Size', bytes(head.ContentLength ?? 0)],
      ['Type', head.ContentType],
      ['Encoding', head.ContentEncoding],
      ['Changed', time(head.LastModified)],
      ['ETag', head.ETag],
      ['Version', head.VersionId],
      ['Encryption', [head.ServerSideEncryption, head.SSEKMSKeyId].filter(Boolean).join(', ')],
      ...Object.entries(head.Metadata ?? {}).map(([name, value]) => [`x-amz-meta-${name}`, value] as const),
    ])}<h2>Preview</h2>${await preview(view, { Bucket, Key, size: head.ContentLength ?? 0 })}`,
  };
}

async function preview(view: View, object: { Bucket: string; Key: string; size: number }): Promise<Markup> {
  const { Bucket, Key, size } = object;
  if (size === 0) return markup`<p class="soft">The object is empty.</p>`;
  if (size > LARGEST) return markup`<p class="soft">Larger than ${bytes(LARGEST)}: no preview.</p>`;
  const { Body } = await view.ask<GetObjectOutput>('s3', 'GetObject', { Bucket, Key });
  const text = textOf(await contentOf(Body));
  return text === undefined ? markup`<p class="soft">Not text: no preview.</p>` : code(text);
}

async function contentOf(body: unknown): Promise<Uint8Array> {
  if (!(body instanceof Readable)) return body as Uint8Array;
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}

/** UTF-8 without control characters other than white space. */
function textOf(content: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(content);
    return /[^\P{Cc}\t\n\r]/u.test(text) ? undefined : text;
  } catch {
    return undefined; // not UTF-8
  }
}
