import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { LocalCloud } from '../../cloud.ts';
import type { HttpResponse } from '../../http.ts';
import { NotImplementedError, type Principal, ServiceError } from '../../service.ts';
import { checksumAlgorithmOfHeader, checksumHash } from '../../services/s3/checksums.ts';
import { toServiceError } from '../failure.ts';
import { readBody, type WireRequest } from '../wire.ts';
import { element } from '../xml.ts';
import { AwsChunkedDecoder } from './aws-chunked.ts';
import { membersInXml, xmlOf } from './bodies.ts';
import { answerHeaders, isHeaderBesideXml, membersInHeaders } from './headers.ts';
import { findS3Route, type S3Route } from './routes.ts';

interface Target {
  readonly level: S3Route['level'];
  readonly bucket?: string;
  readonly key?: string;
}

const NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';
/** Signatures, headers moved into the query, and the SDK's note of the operation. */
const TRANSPORT = /^(?:x-amz-.*|x-id|AWSAccessKeyId|Signature|Expires)$/i;
const NUMERIC = new Set(['max-keys', 'max-parts', 'max-uploads', 'partNumber']);

/** REST-XML as S3 speaks it, path style or `BUCKET.localhost`. */
export async function answerS3(cloud: LocalCloud, request: WireRequest, principal: Principal): Promise<HttpResponse> {
  try {
    const target = targetOf(request);
    const route = findS3Route(target.level, request);
    if (!route)
      throw new NotImplementedError(`s3:${request.method} ${request.path}?${[...request.query.keys()].join('&')}`);
    const input = await inputOf(route, target, request);
    const output = (await cloud.call({ service: 's3', operation: route.operation, principal, input })) ?? {};
    return respond(route, output as Record<string, unknown>);
  } catch (error) {
    return s3Error(request, inS3Terms(toServiceError(cloud, request, error)));
  }
}

/** S3 has one word for it, also where a key's policy refuses. */
const inS3Terms = (error: ServiceError): ServiceError =>
  error.code === 'AccessDeniedException' ? new ServiceError('AccessDenied', error.message, 403, error.fields) : error;

export function s3Error(request: WireRequest, error: ServiceError): HttpResponse {
  const headers = { 'x-amz-request-id': request.requestId, ...answerHeaders(error.fields, undefined) };
  if (error.status === 304 || request.method === 'HEAD') return { status: error.status, headers };
  const members = { Code: error.code, Message: error.message, Resource: request.path, RequestId: request.requestId };
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n${element('Error', xmlOf({ ...members, ...error.fields }))}`;
  return { status: error.status, headers: { ...headers, 'content-type': 'application/xml' }, body };
}

function targetOf({ path, headers }: WireRequest): Target {
  const virtual = /^(.+)\.localhost(?::\d+)?$/i.exec(headers.get('host') ?? '')?.[1];
  const full = virtual ? `/${virtual}${path}` : path;
  const slash = full.indexOf('/', 1);
  const bucket = decode(full.slice(1, slash < 0 ? undefined : slash));
  const key = slash < 0 ? '' : decode(full.slice(slash + 1));
  if (bucket === '') return { level: 'service' };
  return key === '' ? { level: 'bucket', bucket } : { level: 'object', bucket, key };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ServiceError('InvalidURI', `Couldn't parse the specified URI.`);
  }
}

async function inputOf(route: S3Route, target: Target, request: WireRequest): Promise<Record<string, unknown>> {
  const { members, unknown } = membersInHeaders(route.operation, request);
  if (unknown !== undefined) throw new NotImplementedError(`s3:${route.operation} ${unknown}`);
  const input = { ...members, ...membersInQuery(route, request) };
  if (target.bucket !== undefined) input.Bucket = target.bucket;
  if (target.key !== undefined) input.Key = target.key;
  if (!route.body) return input;
  if ('stream' in route.body) return { ...input, Body: bodyStream(request, input) };
  const text = await verifiedText(request);
  delete input.ContentMD5;
  for (const member of Object.keys(input)) {
    // CompleteMultipartUpload's checksum is the object's, every other one this body's.
    if (member.startsWith('Checksum') && route.operation !== 'CompleteMultipartUpload') delete input[member];
  }
  if ('text' in route.body) return { ...input, [route.body.text]: text };
  return text.trim() === '' ? input : { ...input, [route.body.xml]: membersInXml(text) };
}

function membersInQuery(route: S3Route, { query }: WireRequest): Record<string, unknown> {
  const members: Record<string, unknown> = {};
  for (const [name, value] of query) {
    const member = route.query && Object.hasOwn(route.query, name) ? route.query[name] : undefined;
    if (member) members[member] = NUMERIC.has(name) ? Number(value) : value;
    else if (member === undefined && name !== route.when && !TRANSPORT.test(name)) {
      throw new NotImplementedError(`s3:${route.operation} ?${name}`);
    }
  }
  return members;
}

function bodyStream({ stream, headers }: WireRequest, input: Record<string, unknown>): Readable {
  const streaming =
    /^STREAMING-/.test(headers.get('x-amz-content-sha256') ?? '') ||
    /\baws-chunked\b/.test(headers.get('content-encoding') ?? '');
  if (!streaming) {
    const length = headers.get('content-length');
    if (length !== undefined) input.ContentLength = Number(length);
    return stream;
  }
  const length = headers.get('x-amz-decoded-content-length');
  const trailer = headers.get('x-amz-trailer');
  const algorithm = trailer && checksumAlgorithmOfHeader(trailer);
  if (trailer && !algorithm) throw new NotImplementedError(`s3:x-amz-trailer ${trailer}`);
  if (algorithm) input.ChecksumAlgorithm = algorithm;
  const decoder = new AwsChunkedDecoder(length === undefined ? undefined : Number(length), trailer);
  stream.once('error', (error) => decoder.destroy(error));
  stream.once(
    'close',
    () => !stream.readableEnded && decoder.destroy(new ServiceError('IncompleteBody', 'The request body ended early')),
  );
  return stream.pipe(decoder);
}

/** XML and policies are small: their checksums are verified here. */
async function verifiedText(request: WireRequest): Promise<string> {
  const body = await readBody(request);
  const md5 = request.headers.get('content-md5');
  const wrong = md5 !== undefined && createHash('md5').update(body).digest('base64') !== md5;
  if (wrong) throw new ServiceError('BadDigest', 'The Content-MD5 you specified did not match what we received.');
  for (const [name, claimed] of request.headers) {
    const algorithm = checksumAlgorithmOfHeader(name);
    if (!algorithm || request.query.has('uploadId')) continue;
    const hash = checksumHash(algorithm);
    hash.update(body);
    if (hash.digest() !== claimed)
      throw new ServiceError('BadDigest', `The ${algorithm} you specified did not match the calculated checksum.`);
  }
  if (!/\baws-chunked\b/.test(request.headers.get('content-encoding') ?? '')) return body.toString('utf8');
  throw new NotImplementedError('s3:aws-chunked XML body');
}

function respond(route: S3Route, output: Record<string, unknown>): HttpResponse {
  const headers = answerHeaders(output, route.answer);
  if (route.operation === 'GetBucketPolicy') {
    return { status: 200, headers: { 'content-type': 'application/json' }, body: String(output.Policy) };
  }
  if (!route.answer) {
    const status = output.ContentRange === undefined ? (route.status ?? 200) : 206;
    return { status, headers, ...(output.Body !== undefined && { body: output.Body as Readable }) };
  }
  const root = route.answer;
  const content = route.answerMember
    ? output[route.answerMember]
    : Object.fromEntries(Object.entries(output).filter(([member]) => !isHeaderBesideXml(member, root)));
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="${NAMESPACE}">${xmlOf(content)}</${root}>`;
  return { status: 200, headers: { ...headers, 'content-type': 'application/xml' }, body };
}
