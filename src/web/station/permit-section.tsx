import type { StaffOrderMessage } from '../../staff/staff.message.ts';
import { Rows } from '../driver/rows.tsx';
import { formatClock } from '../driver/format-moment.ts';
import { formatInstant } from '../format.ts';
import { isDoubtful, permitWords } from './order-state.ts';
import { useStaffWords } from './staff-tools.ts';

/** The permit, and what the station's printer told of it. */
export function PermitSection({ order }: { readonly order: StaffOrderMessage }) {
  const { words, language } = useStaffWords();
  const { permit, station } = order;
  if (permit === null) return null;
  const isPermitWord = (state: string): state is keyof typeof permitWords => state in permitWords;
  const stateText = (state: string) => (isPermitWord(state) ? words(permitWords[state]) : state);
  return (
    <section class="card" aria-labelledby="permit">
      <h2 id="permit">{words('permit')}</h2>
      <Rows
        rows={[
          [
            words('permit_code'),
            <strong key="code" class="mono code-text">
              {permit.shortCode}
            </strong>,
          ],
          [
            words('permit_state'),
            <strong key="state" class={isDoubtful(permit.state) || permit.state === 'revoked' ? 'alert' : ''}>
              {stateText(permit.state)}
            </strong>,
          ],
          [words('permit_until'), formatInstant(language, permit.expiresAt, station.timeZone)],
        ]}
      />
      {permit.reports.length === 0 ? (
        <p class="hint">{words('no_reports')}</p>
      ) : (
        <details>
          <summary>{words('reports')}</summary>
          <ul class="events">
            {permit.reports.map((report) => (
              <li key={`${report.reportedAt} ${report.state}`}>
                <span class="muted">{formatClock(language, report.reportedAt, station.timeZone)}</span>{' '}
                {stateText(report.state)}
                {report.reason === null ? '' : `: ${report.reason}`} <span class="muted">{report.deviceId}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}
