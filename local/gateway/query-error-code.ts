/** Where a modelled exception has another code on the query wire. */
const WIRE_CODES = new Map([
  ['NotFoundException', 'NotFound'],
  ['InvalidParameterException', 'InvalidParameter'],
  ['AuthorizationErrorException', 'AuthorizationError'],
  ['QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue'],
]);

/** What the query protocol calls an error, in XML or in the x-amzn-query-error header of a service that came from it. */
export const queryErrorCode = (code: string): string => WIRE_CODES.get(code) ?? code;
