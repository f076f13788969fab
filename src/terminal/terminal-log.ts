type Say = (fields: Readonly<Record<string, unknown>>, text: string) => void;

/** Where the terminal tells what it does; a `pino` logger is one. */
export type TerminalLog = { readonly info: Say; readonly warn: Say; readonly error: Say };
