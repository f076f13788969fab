import type { PermitSlip } from './receipt.message.ts';

/**
 * What became of a slip. `printed`: the printer said that it is on paper. `processed`: the printer executed all of it. `unconfirmed`:
 * bytes were sent and nobody answered; it may be on paper, so nothing prints it again by itself. `failed`: certainly not issued
 * (with `-mid` in the reason: begun but not finished).
 */
export type DeviceResult = {
  readonly state: 'printed' | 'processed' | 'unconfirmed' | 'failed';
  readonly reason: string | null;
  /** The device's own name of the job, for example the process id of `GS ( H`. */
  readonly deviceRef: string;
  /** Milliseconds since 1970. */
  readonly at: number;
};

export type DeviceStatus = { readonly ready: boolean; readonly reason: string | null };

/** A thing at the station that issues permits. Over TCP, over HTTP, simulated: the terminal does not care. */
export interface PermitDevice {
  readonly id: string;
  readonly ack: 'print-complete' | 'processed' | 'none';
  /** Never rejects: every outcome is a result. `copy` > 0 marks a reprint. */
  submit(slip: PermitSlip, options?: { readonly copy?: number }): Promise<DeviceResult>;
  status(): Promise<DeviceStatus>;
  close(): Promise<void>;
}
