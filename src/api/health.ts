import { z } from 'zod';
import { refuse } from '../base/problem.ts';
import type { Journey } from '../journey/journey.ts';
import { type Route, route } from './route.ts';

const health = z.object({ ok: z.literal(true) });

export function healthRoutes(journey: Journey): readonly Route[] {
  return [
    route('GET', '/livez', {
      summary: 'The process answers.',
      caller: 'anyone',
      answer: { schema: health },
      handle: async () => ({ status: 200, json: { ok: true } }),
    }),
    route('GET', '/readyz', {
      summary: 'The database answers too: send drivers here.',
      caller: 'anyone',
      answer: { schema: health },
      refusals: ['not_ready'],
      async handle() {
        try {
          await journey.db.query('select 1');
          return { status: 200, json: { ok: true } };
        } catch {
          return refuse('not_ready');
        }
      },
    }),
  ];
}
