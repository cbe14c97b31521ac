/**
 * Rows of a CSV file as Step Functions reads them, which is not quite RFC 4180: a backslash escapes a backslash, a double quote or
 * the delimiter, and vanishes before anything else. Empty lines are no rows.
 */
export function parseRows(text: string, delimiter: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let field = '';
  let quoted = false;
  const endField = () => {
    row.push(field);
    field = '';
  };
  const endRow = () => {
    endField();
    if (row.length > 1 || row[0] !== '') rows.push(row);
    row = [];
  };
  const source = text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
  for (let i = 0; i < source.length; i++) {
    const char = source.charAt(i);
    if (char === '\\') {
      const next = source.charAt(i + 1);
      if (next === '\\' || next === '"' || next === delimiter) field += source.charAt(++i);
    } else if (char === '"') {
      if (quoted && source.charAt(i + 1) === '"') field += source.charAt(++i);
      else quoted = !quoted;
    } else if (char === delimiter && !quoted) endField();
    else if (char === '\n' && !quoted) endRow();
    else field += char;
  }
  endRow();
  return rows;
}
