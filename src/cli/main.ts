import { type Command, parseWords, UsageError } from './command.ts';

/** Every subcommand, loaded when it is called. The order is the order of help. */
const commands: Readonly<Record<string, () => Promise<{ command: Command }>>> = {
  demo: () => import('./demo.ts'),
  cloud: () => import('./cloud.ts'),
  terminal: () => import('./terminal.ts'),
  simulate: () => import('./simulate.ts'),
  'simulate printer': () => import('./simulate-printer.ts'),
  'stations import': () => import('./stations-import.ts'),
  'stations promise': () => import('./stations-promise.ts'),
  'stations nearest': () => import('./stations-nearest.ts'),
  'terminals enrol': () => import('./terminals-enrol.ts'),
  price: () => import('./price.ts'),
  'permit verify': () => import('./permit-verify.ts'),
  'permit keys': () => import('./permit-keys.ts'),
  refund: () => import('./refund.ts'),
  dispensed: () => import('./dispensed.ts'),
  'staff add': () => import('./staff-add.ts'),
  'staff list': () => import('./staff-list.ts'),
  'staff remove': () => import('./staff-remove.ts'),
  'payments check': () => import('./payments-check.ts'),
  reconcile: () => import('./reconcile.ts'),
  'reconcile explain': () => import('./reconcile-explain.ts'),
  'events subscribe': () => import('./events-subscribe.ts'),
  'events list': () => import('./events-list.ts'),
  'events log': () => import('./events-log.ts'),
  'events resend': () => import('./events-resend.ts'),
  'events rotate': () => import('./events-rotate.ts'),
  'events resume': () => import('./events-resume.ts'),
  'events unsubscribe': () => import('./events-unsubscribe.ts'),
  'ledger balance': () => import('./ledger-balance.ts'),
  'ledger order': () => import('./ledger-order.ts'),
  'ledger export': () => import('./ledger-export.ts'),
  audit: () => import('./audit.ts'),
};

const wrongUse = 2;

/** Runs the subcommand that `words` name and gives the exit code. */
export async function main(words: readonly string[]): Promise<number> {
  const name = nameIn(words);
  if (name === undefined) return showOverview(words);
  const load = commands[name];
  if (load === undefined) throw new Error(`${name} has no file`);
  const { command } = await load();
  const rest = words.slice(name.split(' ').length);
  if (rest.includes('--help') || rest.includes('-h')) {
    process.stdout.write(helpOf(command));
    return 0;
  }
  try {
    return await command.run(parseWords(command, rest));
  } catch (error) {
    if (!(error instanceof UsageError) && !isParseError(error)) throw error;
    process.stderr.write(`forecourt ${name}: ${error.message}\nSee: forecourt ${name} --help\n`);
    return wrongUse;
  }
}

/** The longest command name that `words` begin with. */
function nameIn(words: readonly string[]): string | undefined {
  return Object.keys(commands)
    .filter((name) => name.split(' ').every((word, index) => words[index] === word))
    .sort((a, b) => b.length - a.length)[0];
}

const isParseError = (error: unknown): error is Error =>
  error instanceof Error &&
  'code' in error &&
  typeof error.code === 'string' &&
  error.code.startsWith('ERR_PARSE_ARGS');

const isHelp = (word = ''): boolean => ['--help', '-h', 'help'].includes(word);

/** All commands, or those of the group that the first word names: `ledger`. */
async function showOverview(words: readonly string[]): Promise<number> {
  const ofGroup = Object.entries(commands).filter(([name]) => name.startsWith(`${words[0]} `));
  const asked = words.length === 0 || isHelp(words[0]) || (ofGroup.length > 0 && isHelp(words[1]));
  const shown = ofGroup.length > 0 ? ofGroup : Object.entries(commands);
  const lines = [
    "forecourt: order fuel on a phone, pay on the phone, leave with the station's own permit",
    '',
    'Commands:',
  ];
  for (const [, load] of shown) {
    const { command } = await load();
    lines.push(`  ${command.name.padEnd(20)} ${command.summary}`);
  }
  lines.push('', 'forecourt COMMAND --help tells options, examples and exit codes.', '');
  (asked ? process.stdout : process.stderr).write(
    asked ? lines.join('\n') : `forecourt: no command ${words.join(' ')}\n${lines.join('\n')}`,
  );
  return asked ? 0 : wrongUse;
}

function helpOf(command: Command): string {
  const options = Object.entries(command.options).map(([name, option]) => {
    const left = `--${name}${option.type === 'string' ? ` <${option.value ?? 'text'}>` : ''}`;
    const fallback = option.default === undefined || option.default === '' ? '' : ` (default ${option.default})`;
    return `  ${left.padEnd(32)} ${option.help}${fallback}`;
  });
  const exitCodes = Object.entries({ ...command.exitCodes, [wrongUse]: 'wrong use' }).map(
    ([code, meaning]) => `  ${code}  ${meaning}`,
  );
  return [
    `forecourt ${command.name} ${command.usage}`,
    '',
    command.summary,
    ...(options.length === 0 ? [] : ['', 'Options:', ...options]),
    ...(command.notes === undefined ? [] : ['', ...command.notes]),
    '',
    'Examples:',
    ...command.examples.map((example) => `  ${example}`),
    '',
    'Exit codes:',
    ...exitCodes,
    '',
  ].join('\n');
}
