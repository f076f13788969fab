import type { Words } from './words.ts';

/** Volumes and prices in each unit that a station may measure in; see `words.ts`. */
export const unitWords = {
  unit_l: { en: 'L', 'zh-CN': '升' },
  'unit_gal-us': { en: 'US gallons', 'zh-CN': '美加仑' },
  'unit_gal-uk': { en: 'imperial gallons', 'zh-CN': '英加仑' },
  unit_kg: { en: 'kg', 'zh-CN': '公斤' },
  volume_l: { en: '{volume} L', 'zh-CN': '{volume} 升' },
  'volume_gal-us': { en: '{volume} gal (US)', 'zh-CN': '{volume} 美加仑' },
  'volume_gal-uk': { en: '{volume} gal (UK)', 'zh-CN': '{volume} 英加仑' },
  volume_kg: { en: '{volume} kg', 'zh-CN': '{volume} 公斤' },
  price_l: { en: '{price}/L', 'zh-CN': '{price}/升' },
  'price_gal-us': { en: '{price}/gal', 'zh-CN': '{price}/美加仑' },
  'price_gal-uk': { en: '{price}/gal', 'zh-CN': '{price}/英加仑' },
  price_kg: { en: '{price}/kg', 'zh-CN': '{price}/公斤' },
} as const satisfies Words;
