import type { Words } from '../words.ts';

/** What the page that finds the station says; see `words.ts`. */
export const findWords = {
  find_heading: { en: 'Which station are you at?', 'zh-CN': '您在哪个油站？' },
  find_hint: {
    en: 'Stop at the pump first. Stay in the car where the station asks for it.',
    'zh-CN': '请先在加油机旁停稳。油站有要求时请留在车内操作。',
  },
  find_by_position: { en: 'Use my position', 'zh-CN': '使用当前位置' },
  finding: { en: 'Finding your position…', 'zh-CN': '正在定位…' },
  find_by_code: { en: 'Code on the pump', 'zh-CN': '加油机编码' },
  find_by_code_hint: {
    en: '9 characters below the QR code, for example 001AZC03E',
    'zh-CN': '二维码下方的9位编码，例如 001AZC03E',
  },
  or: { en: 'or', 'zh-CN': '或' },
  go_on: { en: 'Go on', 'zh-CN': '继续' },
  code_missing: { en: 'Type the code that stands on the pump.', 'zh-CN': '请输入加油机上的编码。' },
  recent_heading: { en: 'Orders on this phone', 'zh-CN': '本机订单' },
} as const satisfies Words;
