import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { composeMail, MAX_PART_BYTES, type MailBlock } from '../../../domain/mail/mail-document.ts';
import { escapeHtml, html, linkTarget } from '../../../domain/mail/markup.ts';
import { headerText, oneLine, visibleText } from '../../../domain/mail/visible-text.ts';

const mail = (blocks: readonly MailBlock[], subject = 'a subject') =>
  composeMail({ to: ['a@example.com'], subject, blocks, footer: 'why you get this' });

const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom(
    '<script>alert(1)</script>',
    '"><img src=x onerror=y>',
    "' onload='x",
    '</style><b>',
    '<!--',
    ']]>',
    '&lt;b&gt;',
  ),
  fc.constantFrom('x\r\nBcc: all@example.com', '\u202egnp.exe', 'a\u0000b', '\ud800', '{{7*7}}', '%24{x}'),
);

const tagsOf = (text: string) => [...text.matchAll(/<\/?([a-z0-9]+)/gi)].map(([, tag]) => tag!.toLowerCase());

describe('a header made of untrusted text', () => {
  it('is one line without control characters, so it cannot start another header', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        expect(headerText(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u);
        expect([...headerText(text)].length).toBeLessThanOrEqual(200);
      }),
      { numRuns: 1_000 },
    );
    expect(headerText('yes\r\nBcc: all@example.com')).toBe('yes Bcc: all@example.com');
  });

  it('is cut, and says so', () => {
    expect(headerText('x'.repeat(100_000))).toBe(`${'x'.repeat(199)}…`);
  });
});

describe('visible text', () => {
  it('has no bidirectional overrides, no zero-width characters and no lone surrogates', () => {
    expect(visibleText('a\u202eb\u200bc\ud800d\u0007e')).toBe('abc\ufffdde');
  });

  it('keeps tabs and line ends, as line feeds', () => {
    expect(visibleText('a\r\nb\rc\td')).toBe('a\nb\nc\td');
  });

  it('counts characters, not code units, when it cuts', () => {
    expect(visibleText('😀😀😀', 2)).toBe('😀…');
    expect(visibleText('😀😀', 2)).toBe('😀😀');
    expect(oneLine(' a \n\n b ')).toBe('a b');
  });
});

describe('markup', () => {
  it('escapes every value that is not markup', () => {
    expect(html`<p title="${'"&'}">${'<b>'}${html`<i>${"'"}</i>`}${undefined}${false}${[1, 'x`']}</p>`.text).toBe(
      '<p title="&quot;&amp;">&lt;b&gt;<i>&#39;</i>1x&#96;</p>',
    );
  });

  it('refuses a link that is not http', () => {
    expect(() => linkTarget('javascript:alert(1)')).toThrow('expected an http(s) address, got javascript:');
  });

  it('never lets text become a tag or end an attribute', () => {
    fc.assert(
      fc.property(hostile, (text) => !/[<>"'`]/.test(escapeHtml(text))),
      { numRuns: 1_000 },
    );
  });
});

describe('a mail', () => {
  const blocks = (text: string): MailBlock[] => [
    { kind: 'heading', text },
    { kind: 'paragraph', text },
    { kind: 'warning', text },
    { kind: 'facts', rows: [[text, text]] },
    { kind: 'table', head: ['metric', text], rows: [[text, text], [text]] },
    { kind: 'list', items: [text] },
    { kind: 'lines', lines: [text] },
    { kind: 'action', label: text, url: 'https://example.com/approvals/x?link=y' },
  ];
  const nodes = tagsOf(mail(blocks('plain')).html);

  it('has the same nodes whatever its texts say: 1,000 hostile ones', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const flat = text.replace(/[\r\n]/g, '');
        expect(tagsOf(mail(blocks(flat), flat).html)).toEqual(nodes);
      }),
      { numRuns: 1_000 },
    );
  });

  it('has no image, no script and no address but its action', () => {
    const { html: part } = mail(blocks('plain'));
    expect(part).not.toMatch(/<img|<script|url\(|<link|<iframe/i);
    expect([...part.matchAll(/https?:[^"' )]+/g)].map(String)).toEqual(['https://example.com/approvals/x?link=y']);
  });

  it('keeps its text part within 80 columns', () => {
    const words = 'the candidate decides about flights that leave on time or not '.repeat(12);
    const { text } = mail([
      { kind: 'paragraph', text: words },
      {
        kind: 'facts',
        rows: [
          ['What happened', words],
          ['A label that is longer than its column', words],
        ],
      },
      { kind: 'list', items: [words] },
      { kind: 'warning', text: words },
      { kind: 'table', head: ['metric', 'a', 'b'], rows: [[words.slice(0, 70), words.slice(0, 70), 'x']] },
    ]);
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  it('lays facts and tables out in columns', () => {
    expect(
      mail([
        {
          kind: 'facts',
          rows: [
            ['Whose', 'your code'],
            ['Serving now', 'version 7,\nuntouched'],
          ],
        },
        {
          kind: 'table',
          head: ['metric', 'candidate'],
          rows: [
            ['auc', '0.616'],
            ['log loss', '10.5'],
          ],
        },
        { kind: 'action', label: 'Open', url: 'https://example.com/' },
      ]).text,
    ).toBe(
      [
        'Whose           your code',
        'Serving now     version 7,',
        '                untouched',
        '',
        'metric    candidate',
        '--------  ---------',
        'auc           0.616',
        'log loss       10.5',
        '',
        'Open:',
        'https://example.com/',
        '',
        '-- ',
        'why you get this',
        '',
      ].join('\n'),
    );
  });

  it('stays under 100 kB whatever it is given, says that it was shortened, and keeps its action', () => {
    const long = '<&"'.repeat(40_000);
    const many = Array.from({ length: 5_000 }, () => long);
    const sent = mail([
      { kind: 'paragraph', text: long },
      { kind: 'list', items: many },
      { kind: 'lines', lines: many },
      { kind: 'facts', rows: many.slice(0, 100).map((text) => [text, text] as const) },
      { kind: 'table', head: many.slice(0, 9), rows: [many] },
      { kind: 'action', label: 'Decide', url: 'https://example.com/a' },
    ]);
    for (const part of [sent.html, sent.text]) {
      expect(Buffer.byteLength(part)).toBeLessThan(MAX_PART_BYTES);
      expect(part).toContain('https://example.com/a');
      expect(part).toContain('more than a mail can hold');
    }
  });

  it('refuses more blocks than a person reads', () => {
    expect(() => mail(Array.from({ length: 41 }, () => ({ kind: 'paragraph', text: 'x' })))).toThrow(
      'expected at most 40 blocks, got 41',
    );
  });
});
