const MAX_TICKET_CHARACTERS = 60;

/**
 * The change ticket that an approval names, where its tier asks for one.
 *
 * @param pattern a regular expression for all of it: `CHG[0-9]{7}`; absent where none is asked for
 * @param given as it was typed
 * @returns undefined where none is asked for; `'missing'` where what was given is none
 */
export function changeTicket(
  pattern: string | undefined,
  given: string,
): { readonly ticket: string } | 'missing' | undefined {
  if (pattern === undefined) return undefined;
  const ticket = given.trim();
  const isOne = ticket.length <= MAX_TICKET_CHARACTERS && new RegExp(`^(?:${pattern})$`, 'u').test(ticket);
  return isOne ? { ticket } : 'missing';
}
