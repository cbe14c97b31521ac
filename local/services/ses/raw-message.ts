import type { Mail } from './mailbox.ts';

type Envelope = Pick<Mail, 'from' | 'to' | 'replyTo' | 'tags' | 'configurationSet'>;

/** A mail whose sender wrote MIME: its headers are read, its body is kept as it is. */
export const readRaw = (envelope: Envelope, raw: string): Omit<Mail, 'id' | 'at'> => {
  const end = /\r?\n\r?\n/.exec(raw)?.index ?? raw.length;
  const headers = new Map(
    raw
      .slice(0, end)
      .replaceAll(/\r?\n[ \t]+/g, ' ')
      .split(/\r?\n/)
      .map((line): [string, string] => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
      }),
  );
  const addressees = ['to', 'cc', 'bcc'].flatMap((name) => headers.get(name)?.split(/,\s*/) ?? []);
  return {
    ...envelope,
    from: envelope.from || (headers.get('from') ?? ''),
    to: envelope.to.length > 0 ? envelope.to : addressees,
    subject: headers.get('subject') ?? '',
    headers: Object.fromEntries(headers),
    text: raw.slice(end).trim(),
    raw,
  };
};
