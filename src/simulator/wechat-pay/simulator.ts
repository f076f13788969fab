import {
  closeOnce,
  openDoor,
  openSimulation,
  type RunningSimulator,
  type SimulatorOptions,
} from '../service/simulation.ts';
import { serveCall } from '../service/call-desk.ts';
import { serveControl } from '../service/control.ts';
import { createFaults } from '../service/faults.ts';
import { createBills } from './bill-file.ts';
import { serveCashier } from './cashier.ts';
import { type Control, controlPowers, createControl } from './control.ts';
import { type CredentialsRecord, loadCredentials, type MerchantCredentials } from './credentials.ts';
import { openDesk } from './desk.ts';
import { faultWords } from './faults.ts';
import { openLedger } from './ledger.ts';
import { startWechatPayNotifier } from './notifier.ts';
import { openSignIn } from './sign-in.ts';
import { openTill } from './till.ts';
import { openApi } from './wechat-pay-api.ts';

export type WechatPaySimulatorOptions = SimulatorOptions & {
  /** Made before by `makeCredentials`, where many simulators start and none should wait for keys. */
  readonly madeCredentials?: CredentialsRecord;
};

/** `credentials` fit `createWechatPay` as they stand. */
export type WechatPaySimulator = RunningSimulator<MerchantCredentials, Control>;

/** Starts a WeChat Pay of our own for one merchant, on the loopback interface. */
export async function startWechatPaySimulator(options: WechatPaySimulatorOptions = {}): Promise<WechatPaySimulator> {
  const simulation = openSimulation('wechat-pay', options);
  const { store, timeline, random } = simulation;
  const credentials = await loadCredentials(store, random, options.madeCredentials);
  const ledger = openLedger(store, timeline, random);
  const faults = createFaults(faultWords);
  const notifier = startWechatPayNotifier(simulation, credentials, faults);
  const till = openTill(ledger, notifier, credentials);
  const control = createControl({ simulation, credentials, ledger, faults, notifier, till });
  const door = await openDoor(options.port ?? 0);
  const cashierUrl = `${door.url}/cashier/`;
  const api = openApi({
    simulation,
    credentials,
    ledger,
    faults,
    origin: door.url,
    bills: createBills(ledger, credentials, options.billsAtOnce ?? false),
    place: { merchantId: credentials.merchantId, appId: credentials.appId, cashierUrl: `${door.url}/cashier` },
    onPlaced: (outTradeNo) => simulation.autoPay(() => void till.pay(ledger.findPayment(outTradeNo))),
    onRefund: (refund) => till.finishLater(refund),
  });
  const signIn = openSignIn({ simulation, credentials, faults, origin: door.url });
  const powers = controlPowers(control, faults);
  // One door: the API that is simulated, WeChat's sign-in, the control for whoever plays the service, the cashier for payers.
  door.answerWith(async (request, response) => {
    const path = request.url ?? '/';
    if (path.startsWith('/v3/')) return serveCall(api, request, response);
    if (path.startsWith('/sns/')) return serveCall(signIn.api, request, response);
    const url = new URL(door.url + path);
    if (url.pathname.startsWith('/_control/')) return serveControl(powers, request, response, url);
    if (url.pathname === '/connect/oauth2/authorize') return signIn.authorize(request, response, url);
    return serveCashier({ ledger, till }, request, response, url);
  });
  return {
    url: door.url,
    cashierUrl,
    credentials: credentials.forMerchant(),
    control,
    desk: openDesk({ cashierUrl, ledger, till, faults, notifier }),
    close: closeOnce(simulation, door, notifier),
  };
}
