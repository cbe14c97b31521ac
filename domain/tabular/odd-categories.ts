/** What people write where they have no value. */
export const MISSING_MARKS: readonly string[] = ['NA', 'N/A', 'n/a', 'NaN', 'nan', 'NULL', 'null', 'None', 'none', '?'];

/** Control and format characters, separators of lines, and the mark of a character that could not be decoded. */
const ODD = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\ufffd]/u;

/** What of a column's categories a person should look at. */
export interface OddCategories {
  /** Those that usually say that a value is missing. */
  readonly missingMarks?: readonly string[];
  /** One with a character that nobody sees, or that was lost. */
  readonly oddValue?: string;
  /** Two that differ in spaces, quotes or capitals only. */
  readonly alike?: readonly [string, string];
}

/** @param values different ones, in the order in which they came */
export function oddCategories(values: ReadonlySet<string>): OddCategories {
  const missingMarks = MISSING_MARKS.filter((mark) => values.has(mark));
  const byForm = new Map<string, string>();
  let oddValue: string | undefined;
  let alike: readonly [string, string] | undefined;
  for (const value of values) {
    if (ODD.test(value)) oddValue ??= value;
    const form = value
      .trim()
      .replace(/^(['"])(.*)\1$/, '$2')
      .trim()
      .toLowerCase();
    const other = byForm.get(form);
    if (other === undefined) byForm.set(form, value);
    // Marks have a sentence of their own.
    else if (!missingMarks.includes(value)) alike ??= [other, value];
  }
  return {
    ...(missingMarks.length > 0 && { missingMarks }),
    ...(oddValue !== undefined && { oddValue }),
    ...(alike && { alike }),
  };
}
