const NUMBER = /^[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?$/i;

/** Is it a number, as datasets and model containers write one. */
export const isNumber = (text: string): boolean => NUMBER.test(text) && Number.isFinite(Number(text));

/** What the writer of a cell that is no number probably meant. */
export function numberHint(value: string): string | undefined {
  if (/^\s|\s$/.test(value) && isNumber(value.trim())) return 'write it without spaces';
  if (/^[-+]?\d{1,3}([,. '’_\u00a0\u202f]\d{3})+([.,]\d+)?$/.test(value))
    return 'write thousands without separators: 1234.5';
  if (/^[-+]?\d+,\d+$/.test(value)) return 'write decimals with a point: 1.5';
  if (/^(n\/?a|nan|null|none|nil|-|\?|\.|missing)$/i.test(value.trim()))
    return 'an empty field says that a value is missing';
  if (/^[-+]?inf(inity)?$/i.test(value)) return 'infinity is no value that a model can learn from';
  if (/^(true|false)$/i.test(value)) return 'declare it categorical';
  if (/^[\u2012-\u2015\u2212]/.test(value)) return 'write the sign as "-"';
  if (/^[$€£¥]\s*[-+]?[\d.,]+$|^[-+]?[\d.,]+\s*(%|[$€£¥]|[A-Z]{3})$/.test(value)) return 'write the number alone';
  if (/^(\d{4}-\d\d-\d\d|\d\d?[./]\d\d?[./]\d{2,4})/.test(value))
    return 'a date is no number: write days or hours since something';
  return undefined;
}

/** What the writer of a time that is none probably meant. */
export function timeHint(value: string): string | undefined {
  if (/^\d\d?[./-]\d\d?[./-]\d{2,4}\b/.test(value)) return 'write the year first: 2001-01-31';
  if (/^\d{4}[/.]\d\d?[/.]\d\d?/.test(value) || /^\d{8}$/.test(value)) return 'write it with hyphens: 2001-01-31';
  if (/^\d{1,2}:\d\d/.test(value)) return 'a time of day alone says not when';
  if (/^\d+(\.\d+)?$/.test(value)) return 'seconds since 1970 have 10 digits here, milliseconds 13';
  return undefined;
}
