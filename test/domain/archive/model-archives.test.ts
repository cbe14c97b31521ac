import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { pack } from 'tar-stream';
import { inspectTarGz } from '../../../adapters/tar-archive.ts';
import { END, entry, gnuLongName, pax, paxRecord, streamOf, tar } from './tar-bytes.ts';

const LIMITS = { maxFiles: 3, maxBytes: 64 * 1024 * 1024, maxRatio: 200 };
const inspect = (archive: Buffer, chunk?: number) => inspectTarGz(streamOf(archive, chunk), { limits: LIMITS });
const model = (name = 'model.json', content: string | Buffer = '{}') => entry({ name, content });
const noise = (bytes: number) => Buffer.from(Array.from({ length: bytes }, (_, i) => (i * 7919 + (i >> 3) * 31) % 251));

describe('a good model archive', () => {
  it('is accepted with files and folders, and each file has its digest', async () => {
    const archive = gzipSync(
      tar(entry({ name: './', type: '5' }), model('./model.json'), entry({ name: 'code/', type: '5' })),
    );
    expect(await inspect(archive)).toMatchObject({
      manifest: [
        { path: 'model.json', bytes: 2, sha256: '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a' },
      ],
      findings: [],
    });
  });

  it('has findings about files that run code when loaded', async () => {
    const { findings } = await inspect(gzipSync(tar(model('model.joblib'), model('encoder.pkl'))));
    expect(findings).toEqual([expect.stringContaining('model.joblib, encoder.pkl')]);
  });

  it('gives the documents that are asked for, and no large one', async () => {
    const archive = gzipSync(tar(model('libraries.json', '{"python":"3.11"}'), model('metrics.json', noise(70_000))));
    const { documents } = await inspectTarGz(streamOf(archive), { documents: ['libraries.json', 'metrics.json'] });
    expect([...documents].map(([name, bytes]) => [name, Buffer.from(bytes).toString()])).toEqual([
      ['libraries.json', '{"python":"3.11"}'],
    ]);
  });

  it.each([
    ['PAX headers and long names', tar(pax({ path: `${'a'.repeat(120)}/é.json`, mtime: '1.5' }), model('short'))],
    ['a global PAX header, as git archive writes it', tar(pax({ comment: 'a1b2' }, 'g'), model())],
    [
      'GNU headers and long names',
      tar(gnuLongName(`${'b'.repeat(130)}.json`), entry({ name: 'b', content: 'x', magic: 'ustar  \0' })),
    ],
    ['a POSIX prefix', tar(entry({ name: 'model.json', prefix: 'deep/folder', content: '{}' }))],
    ['an empty file, and padding to a tape record', Buffer.concat([tar(model('a', '')), Buffer.alloc(7 * 512)])],
    ['extended attributes of a Mac', tar(pax({ 'LIBARCHIVE.xattr.com.apple': Buffer.from([1, 0, 255]) }), model())],
  ])('may have %s', async (_what, bytes) => {
    expect((await inspect(gzipSync(bytes))).manifest).toHaveLength(1);
  });

  it('is accepted as GNU tar, Python and tar-stream write it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'launchway-archive-'));
    mkdirSync(join(folder, 'model', 'code'), { recursive: true });
    writeFileSync(join(folder, 'model', 'model.json'), '{}');
    writeFileSync(join(folder, 'model', 'code', `${'n'.repeat(150)}-é.py`), 'x');
    const gnu = execFileSync('tar', ['-C', join(folder, 'model'), '-czf', '-', '.']);
    const posix = execFileSync('tar', [
      '-C',
      join(folder, 'model'),
      '--format=posix',
      '-czf',
      '-',
      'model.json',
      'code',
    ]);
    const python = execFileSync('/usr/bin/python3', ['-c', PYTHON_TAR, join(folder, 'model')]);
    const stream = pack();
    stream.entry({ name: `${'n'.repeat(150)}/model.json` }, '{}');
    stream.finalize();
    const packed = gzipSync(await buffer(stream));
    rmSync(folder, { recursive: true });
    expect((await inspect(gnu)).manifest).toHaveLength(2);
    expect((await inspect(posix)).manifest).toHaveLength(2);
    expect((await inspect(python)).manifest).toHaveLength(2);
    expect((await inspect(packed)).manifest).toHaveLength(1);
  });

  it('is read the same however its bytes arrive', async () => {
    const archive = gzipSync(tar(pax({ path: 'p/long.json' }), model('x', noise(3000)), gnuLongName('g'), model('g')));
    const whole = await inspect(archive, archive.length);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 700 }), async (size) =>
        expect(await inspect(archive, size)).toEqual(whole),
      ),
      { numRuns: 20 },
    );
  });
});

const PYTHON_TAR = `
import sys, tarfile, io
out = io.BytesIO()
with tarfile.open(fileobj=out, mode="w:gz") as archive:
    archive.add(sys.argv[1], arcname=".")
sys.stdout.buffer.write(out.getvalue())
`;

const bomb = (bytes: number) => Buffer.alloc(bytes);
const gz = (...parts: readonly Buffer[]) => gzipSync(tar(...parts));
const good = gz(model());

/** What is wrong, the archive, and what the refusal says of it. */
const HOSTILE: readonly (readonly [string, Buffer, string])[] = [
  ['a symbolic link', gz(model(), entry({ name: 'a', type: '2', linkname: '/etc/passwd' })), 'got a symlink'],
  ['a hard link', gz(model(), entry({ name: 'a', type: '1', linkname: 'model.json' })), 'got a link'],
  [
    'a hard link with a long target',
    gz(entry({ name: '././@LongLink', type: 'K', content: 'x\0' }), model()),
    'long link',
  ],
  ['a link that a PAX header makes of a file', gz(pax({ linkpath: '/etc/passwd' }), model()), 'with linkpath'],
  ['a character device', gz(model(), entry({ name: 'a', type: '3' })), 'got a character-device'],
  ['a block device', gz(model(), entry({ name: 'a', type: '4' })), 'got a block-device'],
  ['a fifo', gz(model(), entry({ name: 'a', type: '6' })), 'got a fifo'],
  ['an entry of unknown kind', gz(model(), entry({ name: 'a', type: 'Z' })), 'got a special entry'],
  ['a GNU sparse file', gz(model(), entry({ name: 'a', type: 'S', magic: 'ustar  \0' })), 'got a sparse file'],
  ['a PAX sparse file', gz(pax({ 'GNU.sparse.realsize': '99999999999' }), model()), 'GNU.sparse.realsize'],
  ['a way out', gz(model('a/../../b')), 'without ".."'],
  ['a way out in a PAX header', gz(pax({ path: '../b' }), model()), 'without ".."'],
  ['a way out in a GNU long name', gz(gnuLongName('x/../../b'), model()), 'without ".."'],
  ['a way out in a POSIX prefix', gz(entry({ name: 'b', prefix: 'a/../..', content: 'x' })), 'without ".."'],
  ['an absolute path', gz(model('/etc/passwd')), 'a relative path'],
  ['a drive', gz(model('C:/x')), 'a relative path'],
  ['backslashes', gz(model('..\\..\\x')), 'a relative path'],
  ['a name twice', gz(model('a'), model('./a')), 'every name once'],
  ['a name twice but for case', gz(model('Model.json'), model('model.JSON')), 'every name once'],
  ['a name twice but for Unicode form', gz(model('é'), model('e\u0301')), 'every name once'],
  ['a name twice but for a letter written as two', gz(model('straße'), model('STRASSE')), 'every name once'],
  ['a folder twice', gz(model(), entry({ name: 'a/', type: '5' }), entry({ name: 'A', type: '5' })), 'every name once'],
  ['a file that is also a folder', gz(model('a'), model('a/b')), 'a file or a folder'],
  ['a folder that becomes a file', gz(model('a/b'), model('A')), 'every name once'],
  ['a name with NUL', gz(model('a\0.txt')), 'without NUL'],
  ['a NUL in a PAX path', gz(pax({ path: 'a\0b' }), model()), 'PAX headers of the form'],
  ['a NUL in a GNU long name', gz(gnuLongName('a\0b'), model()), 'its only NUL'],
  ['a name that hides its direction', gz(model('model\u202egpj.exe')), 'control characters'],
  ['a name with an invisible letter', gz(model('mo\u200bdel')), 'control characters'],
  ['a name that is no UTF-8', gz(entry({ name: Buffer.from([0x61, 0xff]), content: 'x' })), 'UTF-8'],
  ['a file whose name is a folder’s', gz(model('a/')), "a file's name"],
  ['a folder with contents', gz(model(), entry({ name: 'a/', type: '5', content: 'x' })), 'directory without contents'],
  ['a name longer than file systems take', gz(gnuLongName('n'.repeat(300)), model()), 'at most 1024 bytes'],
  [
    'a long name without end',
    gz(entry({ name: 'L', type: 'L', content: Buffer.alloc(70_000, 'a') }), model()),
    '65536 bytes',
  ],
  ['two long names for one entry', gz(gnuLongName('a'), pax({ path: 'b' }), model()), 'got two'],
  ['a long name for nothing', gzipSync(Buffer.concat([model(), gnuLongName('a'), END])), 'got the end of the archive'],
  ['a PAX header for all entries that names them', gz(pax({ path: 'x' }, 'g'), model()), 'for all of them'],
  ['a size in a PAX header that is not the header’s', gz(pax({ size: '0' }), model('a', 'xy')), 'expected one size'],
  ['a PAX keyword twice', gz(twicePath(), model()), 'each PAX keyword once'],
  ['a PAX length that lies', gz(entry({ name: 'x', type: 'x', content: '99 path=a\n' }), model()), 'of the form'],
  ['a PAX character set', gz(pax({ hdrcharset: 'BINARY', path: 'a' }), model()), 'readers agree on'],
  ['a size in base 256', gz(entry({ name: 'a', size: base256(1) }), model('b')), 'octal digits'],
  ['a negative size', gz(entry({ name: 'a', size: '-0000000001\0' })), 'octal digits'],
  ['a size beyond the archive', gz(entry({ name: 'a', content: 'x', size: '00000777777\0' })), 'breaks off'],
  ['a checksum that does not hold', gz(entry({ name: 'a', checksum: '000000\0 ' })), 'checksum'],
  ['another format', gz(entry({ name: 'a', magic: '\0\0\0\0\0\0\0\0' })), 'ustar, PAX or GNU'],
  [
    'a second archive behind the first',
    gzipSync(Buffer.concat([tar(model()), tar(model('hidden'))])),
    'nothing after the end',
  ],
  ['no end', gzipSync(model()), 'breaks off'],
  ['half an end', gzipSync(Buffer.concat([model(), Buffer.alloc(512)])), 'breaks off'],
  ['too many files', gz(...['a', 'b', 'c', 'd'].map((name) => model(name))), 'at most 3 files'],
  [
    'too many folders',
    gz(...Array.from({ length: 9 }, (_, i) => entry({ name: `d${i}/`, type: '5' }))),
    'at most 3 files',
  ],
  ['a bomb', gz(model('a', bomb(2 * 1024 * 1024))), 'bytes unpacked per byte packed'],
  [
    'a bomb of padding',
    gzipSync(Buffer.concat([tar(model()), bomb(3 * 1024 * 1024)])),
    'bytes unpacked per byte packed',
  ],
  ['a bomb inside', gz(model('weights.gz', gzipSync(bomb(3 * 1024 * 1024)))), 'bytes unpacked per byte packed'],
  ['more claimed than a model may have', gz(entry({ name: 'a', size: '77777777777\0' })), 'bytes unpacked, got more'],
  ['gzip cut off', good.subarray(0, good.length - 20), 'breaks off'],
  ['gzip without its trailer', good.subarray(0, good.length - 8), 'breaks off'],
  ['gzip with half its trailer', good.subarray(0, good.length - 3), 'breaks off'],
  ['gzip with another checksum', Buffer.concat([good.subarray(0, -8), Buffer.alloc(8, 1)]), 'checksum and size'],
  ['garbage behind', Buffer.concat([good, Buffer.from('#!/bin/sh\n')]), 'nothing behind it'],
  [
    'garbage behind that ends like the archive',
    Buffer.concat([good, Buffer.from('x'), good.subarray(-8)]),
    'nothing behind it',
  ],
  ['zeros behind', Buffer.concat([good, Buffer.alloc(100)]), 'nothing behind it'],
  ['a second gzip member', Buffer.concat([good, gzipSync(tar(model('b')))]), 'nothing behind it'],
  ['an empty gzip member first', Buffer.concat([gzipSync(''), good]), 'nothing behind it'],
  ['one archive in two members', twoMembers(tar(model('a', noise(5000)))), 'nothing behind it'],
  ['gzip in gzip', gzipSync(good), 'breaks off'],
  ['gzip with reserved flags', withFlags(good, 0x80), 'reserved flags'],
  ['a zip archive', Buffer.from('PK\x03\x04zip'), 'got another file'],
  ['something else that is packed', gzipSync('not a tar'), 'breaks off'],
  ['an empty file', Buffer.alloc(0), 'an empty file'],
];

describe('a hostile model archive', () => {
  it.each(HOSTILE)('is refused with %s', async (_what, archive, message) => {
    for (const chunk of [1_000, 65_536])
      await expect(inspect(archive, chunk)).rejects.toMatchObject({
        name: 'ArtifactRefusedError',
        message: expect.stringContaining(message),
      });
  });

  it.each([
    ['folders only', gz(entry({ name: 'a/', type: '5' }))],
    ['nothing', gz()],
  ])('holds no model with %s', async (_what, archive) => {
    await expect(inspect(archive)).rejects.toMatchObject({ name: 'ModelMissingError' });
  });

  it('is refused where it packs gzip in gzip in gzip, and more', async () => {
    const layers = Array.from({ length: 4 }).reduce<Buffer>((inner) => gzipSync(inner), noise(5_000));
    await expect(inspect(gz(model('w.gz', layers)))).rejects.toThrow('at most 3 deep');
  });

  it('never ends otherwise than accepted or refused, whichever byte is changed', async () => {
    const bytes = tar(pax({ path: 'p/long.json' }), model('x', 'content'), gnuLongName('g'), model('g'));
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const changed = Buffer.from(bytes);
        changed[at]! ^= change;
        const outcome = await inspect(gzipSync(changed)).then(
          () => 'accepted',
          (error) => error.name,
        );
        expect(['accepted', 'ArtifactRefusedError']).toContain(outcome);
      }),
      { numRuns: 300 },
    );
  });
});

function base256(value: number): Buffer {
  const field = Buffer.alloc(12);
  field[0] = 0x80;
  field.writeUInt32BE(value, 8);
  return field;
}

function twicePath(): Buffer {
  return entry({ name: 'x', type: 'x', content: Buffer.concat([paxRecord('path', 'a'), paxRecord('path', 'b')]) });
}

function twoMembers(bytes: Buffer): Buffer {
  return Buffer.concat([gzipSync(bytes.subarray(0, 2048)), gzipSync(bytes.subarray(2048))]);
}

function withFlags(archive: Buffer, flags: number): Buffer {
  const changed = Buffer.from(archive);
  changed[3]! |= flags;
  return changed;
}
