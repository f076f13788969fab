import { parseArgs, type ParseArgsConfig } from 'node:util';

type Option = {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
  readonly default?: string | boolean;
  readonly multiple?: boolean;
};

/** One option with what help says of it. `value` is the placeholder: `--price <decimal>`. */
export type CommandOption = Option & { readonly help: string; readonly value?: string };

export type CommandInput = {
  readonly values: Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>;
  readonly positionals: readonly string[];
};

/** One subcommand: one file in `cli/`, named in `cli/main.ts`. */
export type Command = {
  /** As typed, for example `stations import`. */
  readonly name: string;
  readonly summary: string;
  /** What stands after the name, for example `FILE [options]`. */
  readonly usage: string;
  readonly options: Readonly<Record<string, CommandOption>>;
  /** Further lines of help, as they stand. */
  readonly notes?: readonly string[];
  readonly examples: readonly string[];
  /** Exit codes besides 2 (wrong use), with their meaning. */
  readonly exitCodes: Readonly<Record<number, string>>;
  /** Gives the exit code. Throw `UsageError` for wrong use. */
  run(input: CommandInput): Promise<number>;
};

/** Wrong use of a command: printed with a pointer to its help, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * What was typed after a command's name. A value may begin with a hyphen, as longitudes and keys do: `--lon -122.4` is read as
 * `--lon=-122.4`, unless what follows is itself one of the command's options. Throws Node's errors of wrong use.
 */
export function parseWords(command: Command, words: readonly string[]): CommandInput {
  const { values, positionals } = parseArgs({
    args: joinHyphenedValues(command, words),
    options: parseOptions(command),
    allowPositionals: true,
    strict: true,
  });
  return { values, positionals };
}

function joinHyphenedValues(command: Command, words: readonly string[]): string[] {
  const takesValue = (word: string): boolean =>
    word.startsWith('--') && command.options[word.slice(2)]?.type === 'string';
  const isOption = (word: string): boolean => Object.hasOwn(command.options, word.replace(/^--|=.*$/g, ''));
  const joined: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    const next = words[at + 1];
    const joins = takesValue(word) && next !== undefined && next.startsWith('-') && !isOption(next);
    joined.push(joins ? `${word}=${next}` : word);
    if (joins) at += 1;
  }
  return joined;
}

function parseOptions(command: Command): NonNullable<ParseArgsConfig['options']> {
  const options: NonNullable<ParseArgsConfig['options']> = {};
  for (const [name, { type, short, multiple }] of Object.entries(command.options)) {
    options[name] = {
      type,
      ...(short === undefined ? {} : { short }),
      ...(multiple === undefined ? {} : { multiple }),
    };
  }
  return options;
}

/** The text of an option, its default, or undefined. */
export function textOf(command: Command, input: CommandInput, name: string): string | undefined {
  const value = input.values[name] ?? command.options[name]?.default;
  return typeof value === 'string' ? value : undefined;
}

/** The text of an option that must be given. */
export function requiredText(command: Command, input: CommandInput, name: string): string {
  const value = textOf(command, input, name);
  if (value === undefined) throw new UsageError(`--${name} is missing`);
  return value;
}

export const isSet = (input: CommandInput, name: string): boolean => input.values[name] === true;
