/**
 * What a printer says, as a stream of bytes: answers may arrive split or joined, and several kinds in one packet. Each kind has its own
 * fixed bits, so that the first byte tells how many follow (devices.md 3.2).
 */
export type PrinterAnswer =
  /** One byte to `DLE EOT n`, in the order of the questions. */
  | { readonly kind: 'real-time'; readonly status: number }
  /** Four bytes, unasked, on each change after `GS a`. */
  | { readonly kind: 'automatic'; readonly fault: PrinterFault | null }
  /** One byte to `GS r 1`: all before it was executed. */
  | { readonly kind: 'processed' }
  /** Seven bytes to `GS ( H` function 48: all before it is on paper. */
  | { readonly kind: 'printed'; readonly processId: string };

export type PrinterFault = 'cover-open' | 'paper-empty' | 'error' | 'offline';

export type AnswersRead = {
  readonly answers: readonly PrinterAnswer[];
  /** The beginning of an answer that has not arrived whole: at most six bytes. */
  readonly rest: Uint8Array;
};

const automaticLength = 4;
const printedLength = 7;
const printedHeader = [0x37, 0x22] as const;

/** Reads all whole answers in `bytes`; a byte that begins none is skipped. */
export function readAnswers(bytes: Uint8Array): AnswersRead {
  const answers: PrinterAnswer[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    const read = readAnswer(bytes.subarray(offset));
    if (read === 'incomplete') break;
    if (read.answer !== null) answers.push(read.answer);
    offset += read.length;
  }
  return { answers, rest: Uint8Array.from(bytes.subarray(offset)) };
}

type AnswerRead = { readonly answer: PrinterAnswer | null; readonly length: number };

const skipped: AnswerRead = { answer: null, length: 1 };

function readAnswer(bytes: Uint8Array): AnswerRead | 'incomplete' {
  const [first = 0] = bytes;
  if (first === printedHeader[0]) return readPrinted(bytes);
  if ((first & 0x93) === 0x10) return readAutomatic(bytes);
  if ((first & 0x93) === 0x12) return { answer: { kind: 'real-time', status: first }, length: 1 };
  if ((first & 0x90) === 0) return { answer: { kind: 'processed' }, length: 1 };
  return skipped;
}

function readPrinted(bytes: Uint8Array): AnswerRead | 'incomplete' {
  const expected = (byte: number, index: number) => {
    if (index < printedHeader.length) return byte === printedHeader[index];
    return index === printedLength - 1 ? byte === 0 : byte >= 0x20 && byte <= 0x7e;
  };
  const frame = bytes.subarray(0, printedLength);
  if (!frame.every(expected)) return skipped;
  if (frame.length < printedLength) return 'incomplete';
  const processId = String.fromCharCode(...frame.subarray(printedHeader.length, printedLength - 1));
  return { answer: { kind: 'printed', processId }, length: printedLength };
}

function readAutomatic(bytes: Uint8Array): AnswerRead | 'incomplete' {
  const frame = bytes.subarray(0, automaticLength);
  if (!frame.every((byte, index) => index === 0 || (byte & 0x90) === 0)) return skipped;
  if (frame.length < automaticLength) return 'incomplete';
  return { answer: { kind: 'automatic', fault: automaticFault(frame) }, length: automaticLength };
}

/** The cause that a person can mend stands before the one that follows from it: an open cover also reads as "no paper". */
function automaticFault([first = 0, second = 0, third = 0]: Uint8Array): PrinterFault | null {
  if ((first & 0x20) !== 0) return 'cover-open';
  if ((third & 0x0c) !== 0) return 'paper-empty';
  if ((second & 0x6c) !== 0) return 'error';
  return (first & 0x08) !== 0 ? 'offline' : null;
}

/** What the four bytes to `DLE EOT` 1 to 4 say together, or null where the printer is ready. */
export function realTimeFault([printer = 0, cause = 0, error = 0, paper = 0]: readonly number[]): PrinterFault | null {
  if ((cause & 0x04) !== 0) return 'cover-open';
  if ((cause & 0x20) !== 0 || (paper & 0x60) !== 0) return 'paper-empty';
  if ((error & 0x68) !== 0 || (cause & 0x40) !== 0) return 'error';
  return (printer & 0x08) !== 0 ? 'offline' : null;
}
