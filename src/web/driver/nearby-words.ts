import type { Words } from '../words.ts';

/** What the search by position says; see `words.ts`. */
export const nearbyWords = {
  candidates_heading: { en: 'Stations near you', 'zh-CN': '附近的油站' },
  candidates_hint: {
    en: 'Compare name and address with the sign, then choose yours.',
    'zh-CN': '请核对站名和地址后选择。',
  },
  station_closed_mark: { en: 'closed', 'zh-CN': '暂停营业' },
  position_unsupported: {
    en: 'This browser cannot tell a position. Type the code on the pump.',
    'zh-CN': '当前浏览器不支持定位，请输入加油机上的编码。',
  },
  position_denied: {
    en: 'The position is not allowed for this page. Allow it in the settings, or type the code on the pump.',
    'zh-CN': '未获得定位权限，请在设置中允许，或输入加油机上的编码。',
  },
  position_unavailable: {
    en: 'The phone cannot tell its position now. Type the code on the pump.',
    'zh-CN': '手机暂时无法定位，请输入加油机上的编码。',
  },
  station_ambiguous: { en: 'More than one station is near.', 'zh-CN': '附近有多个油站。' },
  position_too_vague: { en: 'The position is too vague to choose for you.', 'zh-CN': '定位精度不足，无法自动选择。' },
  moving_too_fast: {
    en: 'You are still driving. Stop at the pump first.',
    'zh-CN': '车辆仍在行驶，请在加油机旁停稳。',
  },
  no_station_in_range: {
    en: 'No station within 500 m. Type the code on the pump.',
    'zh-CN': '500米范围内没有油站，请输入加油机上的编码。',
  },
  north: { en: 'N', 'zh-CN': '北' },
  north_east: { en: 'NE', 'zh-CN': '东北' },
  east: { en: 'E', 'zh-CN': '东' },
  south_east: { en: 'SE', 'zh-CN': '东南' },
  south: { en: 'S', 'zh-CN': '南' },
  south_west: { en: 'SW', 'zh-CN': '西南' },
  west: { en: 'W', 'zh-CN': '西' },
  north_west: { en: 'NW', 'zh-CN': '西北' },
  meters: { en: '{meters} m', 'zh-CN': '{meters} 米' },
} as const satisfies Words;

/** Has the page its own words for the reason that the cloud gives for choosing no station? */
export const isNearbyWord = (name: string): name is keyof typeof nearbyWords =>
  Object.prototype.hasOwnProperty.call(nearbyWords, name);
