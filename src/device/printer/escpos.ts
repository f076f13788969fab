/** The commands of ESC/POS that we send ourselves. Everything between them is receiptline's. */

const DLE = 0x10;
const EOT = 0x04;
const ESC = 0x1b;
const GS = 0x1d;

export const initialize = [ESC, 0x40] as const; // ESC @
export const automaticStatusOn = [GS, 0x61, 0xff] as const; // GS a 255
export const cutAfterFeed = [GS, 0x56, 0x42, 0x00] as const; // GS V B 0
export const requestPaperStatus = [GS, 0x72, 0x01] as const; // GS r 1
/** One real-time question for the printer, its offline cause, its error cause and its paper: answered even offline. */
export const requestAllStatus = [DLE, EOT, 1, DLE, EOT, 2, DLE, EOT, 3, DLE, EOT, 4] as const; // DLE EOT 1-4

/** `GS v 0`: a picture of so many bytes a row follows, at its own size. */
export function rasterHeader(bytesPerRow: number, rows: number): readonly number[] {
  return [GS, 0x76, 0x30, 0x00, bytesPerRow & 0xff, bytesPerRow >> 8, rows & 0xff, rows >> 8]; // GS v 0 m xL xH yL yH
}

export const processIdLength = 4;

/** `GS ( H` function 48: the printer names `processId` (four characters of 0x20-0x7E) once all before it is printed. */
export function requestProcessId(processId: string): readonly number[] {
  if (!/^[ -~]{4}$/.test(processId))
    throw new Error(`${JSON.stringify(processId)} is no process id of four printable characters`);
  return [GS, 0x28, 0x48, 0x06, 0x00, 0x30, 0x30, ...Buffer.from(processId, 'latin1')]; // GS ( H pL pH fn m d1-d4
}
