import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { inputFromForm } from '../../../local/gateway/query-input.ts';
import { outputToXml } from '../../../local/gateway/query-output.ts';
import { AwsChunkedDecoder } from '../../../local/gateway/s3/aws-chunked.ts';
import { escapeXml, parseXml } from '../../../local/gateway/xml.ts';

const checksumOf = (data: Buffer): string => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(data));
  return bytes.toString('base64');
};

/** Wraps as an SDK does, chunk by chunk. */
const wrap = (chunks: readonly Uint8Array[], trailer: string): Buffer =>
  Buffer.concat([
    ...chunks
      .filter(({ length }) => length > 0)
      .flatMap((chunk) => [Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n')]),
    Buffer.from(`0\r\n${trailer}\r\n`),
  ]);

async function decode(wire: Buffer, packet: number, expected?: number): Promise<Buffer> {
  const packets = Array.from({ length: Math.ceil(wire.length / packet) }, (_, n) =>
    wire.subarray(n * packet, (n + 1) * packet),
  );
  const decoder = Readable.from(packets).pipe(new AwsChunkedDecoder(expected, 'x-amz-checksum-crc32'));
  return Buffer.concat(await decoder.toArray());
}

describe('aws-chunked', () => {
  const chunks = fc.array(fc.uint8Array({ maxLength: 70 }), { maxLength: 6 });

  it('gives back what was wrapped, however the network cuts it', async () => {
    await fc.assert(
      fc.asyncProperty(chunks, fc.integer({ min: 1, max: 40 }), async (parts, packet) => {
        const whole = Buffer.concat(parts);
        const wire = wrap(parts, `x-amz-checksum-crc32:${checksumOf(whole)}\r\n`);
        expect((await decode(wire, packet, whole.length)).equals(whole)).toBe(true);
      }),
    );
  });

  it('refuses what is cut short, of another length, or with another checksum', async () => {
    const data = Buffer.from('some data');
    const wire = wrap([data], `x-amz-checksum-crc32:${checksumOf(data)}\r\n`);
    await expect(decode(wire.subarray(0, 12), 5)).rejects.toMatchObject({ code: 'IncompleteBody' });
    await expect(decode(wire, 5, 8)).rejects.toMatchObject({ code: 'IncompleteBody' });
    await expect(decode(wrap([data], 'x-amz-checksum-crc32:AAAAAA==\r\n'), 5)).rejects.toMatchObject({
      code: 'BadDigest',
    });
    await expect(decode(wrap([data], ''), 5)).rejects.toMatchObject({ code: 'BadDigest' });
    await expect(decode(Buffer.from('not chunked at all\r\n'), 5)).rejects.toMatchObject({ code: 'IncompleteBody' });
  });

  it('knows chunk signatures', async () => {
    const signed = Buffer.from('4;chunk-signature=abc\r\ndata\r\n0;chunk-signature=def\r\n\r\n');
    const decoder = Readable.from([signed]).pipe(new AwsChunkedDecoder(4, undefined));
    expect(Buffer.concat(await decoder.toArray()).toString()).toBe('data');
  });
});

describe('XML', () => {
  it('gives back any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(
          parseXml(`<?xml version="1.0"?><a><!-- b --><c d="e">${escapeXml(text)}</c></a>`).children[0]?.text,
        ).toBe(text);
      }),
    );
  });

  it.each([
    '',
    '<a>',
    '<a></b>',
    '<a/><b/>',
    'text',
    '<a>&b;</a>',
    '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
    '<a>'.repeat(100),
  ])('refuses %s', (source) => {
    expect(() => parseXml(source)).toThrow(expect.objectContaining({ code: 'MalformedXML' }));
  });

  it('never fails in another way', () => {
    const pieces = fc.constantFrom(
      '<a>',
      '</a>',
      '<b/>',
      '&lt;',
      '&',
      '<',
      '>',
      '<![CDATA[',
      ']]>',
      '<!--',
      '-->',
      'x',
      '&#99999999;',
    );
    fc.assert(
      fc.property(fc.array(pieces), (parts) => {
        try {
          parseXml(parts.join(''));
        } catch (error) {
          expect(error).toMatchObject({ code: 'MalformedXML' });
        }
      }),
    );
  });
});

describe('forms', () => {
  it('become lists, maps and structures', () => {
    const form = new URLSearchParams({
      Action: 'A',
      Version: '1',
      'Tags.member.2.Key': 'b',
      'Tags.member.1.Key': 'a',
      'Attributes.entry.1.key': 'k',
      'Attributes.entry.1.value': 'v',
    });
    expect(inputFromForm('sns', form)).toEqual({ Tags: [{ Key: 'a' }, { Key: 'b' }], Attributes: { k: 'v' } });
  });

  it('have SQS’s own flat names and CloudWatch’s numbers and times', () => {
    const message = new URLSearchParams({
      'MessageAttribute.1.Name': 'a',
      'MessageAttribute.1.Value.DataType': 'String',
      'MessageAttribute.1.Value.StringValue': '1',
      'AttributeName.1': 'All',
      WaitTimeSeconds: '20',
    });
    expect(inputFromForm('sqs', message)).toEqual({
      MessageAttributes: { a: { DataType: 'String', StringValue: '1' } },
      AttributeNames: ['All'],
      WaitTimeSeconds: 20,
    });
    const metric = new URLSearchParams({
      'MetricData.member.1.Value': '1.5',
      'MetricData.member.1.Values.member.1': '2',
      'MetricData.member.1.Dimensions.member.1.Value': '7',
      'MetricData.member.1.Timestamp': '1970-01-01T00:00:05Z',
    });
    expect(inputFromForm('monitoring', metric)).toEqual({
      MetricData: [{ Value: 1.5, Values: [2], Dimensions: [{ Value: '7' }], Timestamp: 5 }],
    });
  });

  it('cannot reach an object’s prototype', () => {
    const input = inputFromForm(
      'sns',
      new URLSearchParams({ '__proto__.polluted': 'yes', 'a.__proto__.polluted': 'yes' }),
    );
    expect(({} as any).polluted).toBeUndefined();
    expect(Object.getPrototypeOf(input)).toBe(Object.prototype);
  });

  it('have batches answered by the operation’s name', () => {
    const output = { Successful: [{ Id: '1' }], Failed: [] };
    expect(outputToXml('sqs', 'SendMessageBatch', output)).toBe(
      '<SendMessageBatchResultEntry><Id>1</Id></SendMessageBatchResultEntry>',
    );
  });

  it('are answered in elements, dates in ISO 8601', () => {
    const output = { Names: ['a', '<b>'], At: new Date(0), None: undefined, Attributes: { k: 'v' } };
    expect(outputToXml('sns', 'Op', output)).toBe(
      '<Names><member>a</member><member>&#60;b&#62;</member></Names><At>1970-01-01T00:00:00.000Z</At>' +
        '<Attributes><entry><key>k</key><value>v</value></entry></Attributes>',
    );
  });
});
