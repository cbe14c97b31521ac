const KEYS =
  'password|passwd|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|account[_-]?key|private[_-]?key|shared[_-]?access[_-]?key|credential|sig(?:nature)?';

/** A value: quoted, quoted inside of quotes, or up to the next separator. */
const VALUE = String.raw`(?:\\"(?:[^"\\]|\\(?!"))*\\"|"(?:[^"\\]|\\.)*"|'[^']*'|[^\s,;&]+)`;

/** What looks like a credential. The first group, where there is one, is kept. */
const SECRETS: readonly RegExp[] = [
  /-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY(?: BLOCK)?-----|$)/g,
  // AWS: key ids, session tokens, and the 40 characters of a secret key (a commit has 40 too, in hexadecimal).
  /\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b/g,
  /\b(?:FwoGZXIvYXdz|FQoGZXIvYXdz|IQoJb3JpZ2lu)[A-Za-z0-9+/=%_-]{16,}/g,
  /(?<![A-Za-z0-9/+=_.-])(?![0-9a-f]{40}(?![0-9a-f]))(?=[A-Za-z0-9/+]*[A-Z])(?=[A-Za-z0-9/+]*[a-z])(?=[A-Za-z0-9/+]*\d)[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=_-])/g,
  /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){1,3}/g,
  /\b(?:gh[pousr]_|github_pat_|glpat-|xox[abeprs]-|xapp-|sk-|[sr]k_(?:live|test)_|npm_|pypi-|hf_|dckr_pat_|shp(?:at|ca|ss)_|hvs\.|ya29\.|SG\.|AIza|dapi)[A-Za-z0-9._-]{16,}/g,
  /(https:\/\/hooks\.slack\.com\/services\/)\S+/g,
  /((?:authorization|bearer)["'\\]*\s*[:=]?\s*["'\\]*(?:bearer|basic|digest|token|aws4-hmac-sha256)?\s+)[^\s"',;]{6,}/gi,
  /((?:set-)?cookie["'\\]*\s*:\s*)[^\r\n]+/gi,
  new RegExp(String.raw`((?:${KEYS})[\w-]*["'\\\]]*\s*(?:=>|[:=])\s*)${VALUE}`, 'gi'),
  new RegExp(String.raw`((?:^|\s)--?[\w-]*(?:${KEYS})[\w-]*\s+)${VALUE}`, 'gi'),
  // Up to the last @: a password may hold one.
  /([a-z][a-z0-9+.-]*:\/\/[^\s:/@"'<>]*:)[^\s"'<>]+(?=@)/gi,
  /([?&](?:X-Amz-(?:Signature|Security-Token|Credential)|sig|se_?token|code)=)[^&\s]+/gi,
];

const PRIVATE_KEY = /-----(BEGIN|END) [A-Z ]*PRIVATE KEY(?: BLOCK)?-----/;
/** A line of a key whose beginning is not among the lines. */
const KEY_LINE = /^\s*[A-Za-z0-9+/]{60,76}={0,2}\s*$/;

/** Replaces what looks like a credential by `***`; better one too many than one too few. */
export const maskSecrets = (text: string): string =>
  SECRETS.reduce(
    (masked, pattern) => masked.replace(pattern, (_match, kept) => `${typeof kept === 'string' ? kept : ''}***`),
    text,
  );

/** The same for the lines of a log, where a private key may go over several. */
export function maskLines(lines: readonly string[]): string[] {
  const masked: string[] = [];
  let inKey = false;
  for (const line of lines) {
    const [, mark] = PRIVATE_KEY.exec(line) ?? [];
    if (mark === 'END' && !inKey) maskBackwards(masked);
    masked.push(inKey || mark === 'END' || KEY_LINE.test(line) ? '***' : maskSecrets(line));
    if (mark) inKey = mark === 'BEGIN' && !/-----END /.test(line);
  }
  return masked;
}

/** The rest of a key whose beginning is not among the lines. */
function maskBackwards(lines: string[]): void {
  for (let i = lines.length - 1; i >= 0 && /^[A-Za-z0-9+/=*]+$/.test(lines[i]!.trim()); i--) lines[i] = '***';
}
