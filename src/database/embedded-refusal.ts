/**
 * Why the embedded PostgreSQL cannot start here, said so that an operator can put it right: show the message, not the
 * stack.
 */
export class CannotStartPostgres extends Error {
  override readonly name = 'CannotStartPostgres';
}

/** The text of whatever was thrown. */
export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Whether this is an error of the operating system, of Node or of PostgreSQL with one of these codes. */
export const hasCode = (error: unknown, ...codes: readonly string[]): boolean =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.includes(error.code);
