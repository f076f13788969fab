import { spawn } from 'node:child_process';

/** `npm run dev`: the demo with the pages built anew at each change, and the demo itself started anew when the server's code changes. */
const programs = [
  ['vite', 'build', '--watch', '--logLevel', 'warn'],
  ['node', '--watch-path=src', '--watch-preserve-output', 'bin/forecourt.js', 'demo'],
] as const;

const children = programs.map(([program, ...words]) => spawn(program, words, { stdio: 'inherit' }));
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => children.forEach((child) => child.kill(signal)));
for (const child of children) child.on('exit', (code) => (process.exitCode ??= code ?? 0));
