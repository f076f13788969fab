import type { StaffOrderLineMessage } from '../../staff/staff.message.ts';
import { formatVolume } from '../format.ts';
import type { Language } from '../words.ts';
import type { SayStaff } from './staff-tools.ts';

type Fuel = Pick<StaffOrderLineMessage, 'volume' | 'dispensed' | 'unit'>;

/** What the sum beside it was paid for, and where the pump gave another volume, that too. */
export function volumeText(words: SayStaff, language: Language, { volume, dispensed, unit }: Fuel): string {
  // A line may end between the two volumes, not between a volume and its unit.
  const write = (text: string) => formatVolume(language, text, unit).replace(' ', '\u00a0');
  const paid = write(volume);
  if (dispensed === null || Number(dispensed) === Number(volume)) return paid;
  return words('paid_and_dispensed', { paid, got: write(dispensed) });
}
