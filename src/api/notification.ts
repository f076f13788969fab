import { refuse } from '../base/problem.ts';
import type { Journey } from '../journey/journey.ts';
import { mainAccount } from '../payment/provider/provider.ts';
import { type Route, route } from './route.ts';

/** Where payment services tell what happened. The answer is in the service's own words, since only those stop its repeats. */
export function notificationRoutes(journey: Journey): readonly Route[] {
  return [
    notificationRoute(journey, '/v1/notifications/:provider', 'of our one account there'),
    notificationRoute(journey, '/v1/notifications/:provider/:account', 'of one of several accounts there'),
  ];
}

const notificationRoute = (journey: Journey, url: string, whose: string): Route =>
  route('POST', url, {
    summary: `A payment service's notification ${whose}: verified, kept, judged, then acknowledged.`,
    caller: 'payment service',
    answer: { status: 200, type: 'text/plain' },
    otherAnswers: {
      204: 'Done, for a service that wants no body.',
      400: 'Not verified: not signed by the service, too old, or not for this account. 401 for a service that wants it so.',
      401: 'As 400.',
      503: 'Not kept: to be told again.',
    },
    refusals: ['provider_unknown'],
    handle: async ({ params, rawBody, headers }) => {
      const provider = journey.accounts.named(params['provider'] ?? '', params['account'] ?? mainAccount);
      if (provider === undefined) return refuse('provider_unknown');
      const reply = await journey.settlePayment.receive(provider, { rawBody, headers, receivedAt: journey.now() });
      return { status: reply.status, text: reply.body, headers: reply.headers };
    },
  });
