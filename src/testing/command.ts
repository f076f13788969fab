import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { type Command, parseWords } from '../cli/command.ts';

const program = fileURLToPath(new URL('../../bin/forecourt.js', import.meta.url));
const outputBytesMax = 16 * 1024 * 1024;

export type CommandOutcome = { readonly exitCode: number; readonly stdout: string; readonly stderr: string };

/** Runs `forecourt` with these words as a process of its own, with nothing of this one's DATABASE_URL, and with what is added to its environment. */
export function runForecourt(
  words: readonly string[],
  more: Readonly<Record<string, string>> = {},
): Promise<CommandOutcome> {
  const { DATABASE_URL: _url, ...env } = process.env;
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [program, ...words],
      { env: { ...env, ...more }, maxBuffer: outputBytesMax },
      (_error, stdout, stderr) => {
        resolve({ exitCode: child.exitCode ?? -1, stdout, stderr });
      },
    );
  });
}

/** Starts `forecourt` with these words, to be read while it runs. */
export const startForecourt = (words: readonly string[]): ChildProcessByStdio<null, Readable, Readable> =>
  spawn(process.execPath, [program, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });

/** Runs a command in this process, for outcomes that print nothing, such as wrong use. */
export function runInProcess(command: Command, words: readonly string[]): Promise<number> {
  return command.run(parseWords(command, words));
}
