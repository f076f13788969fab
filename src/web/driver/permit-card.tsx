import { useEffect } from 'preact/hooks';
import type { OrderMessage, PermitMessage } from '../../order/order.message.ts';
import { formatInstant, formatMoney, formatVolume } from '../format.ts';
import { orderWords } from './order-words.ts';
import { useWords } from './page-tools.ts';
import { QrCode } from './qr-code.tsx';

/** The permit as a white sheet in every theme: what a guard compares stands large, the code is there to scan. */
export function PermitCard({ order, permit }: { readonly order: OrderMessage; readonly permit: PermitMessage }) {
  const { words, language } = useWords(orderWords);
  useEffect(keepScreenOn, []);
  const { plate } = order.user;
  return (
    <article class="paper permit">
      <div class="permit-head">
        {order.pump === null ? null : (
          <p class="pump">
            <small>{words('pump')}</small>
            <b>{order.pump}</b>
          </p>
        )}
        <p class="amount">
          <b>{formatMoney(language, order.payable, order.currency)}</b>
          <small>
            {order.grade} · {formatVolume(language, order.volume, order.unit)}
          </small>
        </p>
      </div>
      {plate === null ? null : <p class="plate">{plate}</p>}
      <QrCode text={permit.token} label={words('permit_qr')} />
      <p class="short-code">
        <small>{words('permit_code')}</small> <b>{permit.shortCode}</b>
      </p>
      <p>{words('permit_until', { time: formatInstant(language, permit.expiresAt, order.station.timeZone) })}</p>
      <p class="station-name">{order.station.name}</p>
      <p class="faint">{words('permit_hint')}</p>
    </article>
  );
}

/** Browsers without a wake lock (and those that refuse one on a low battery) dim the screen as ever. */
function keepScreenOn(): () => void {
  const lock = 'wakeLock' in navigator ? navigator.wakeLock.request('screen').catch(() => null) : null;
  return () => void lock?.then((held) => held?.release());
}
