/** The languages that Stripe's own page speaks (Checkout Session, `locale`). */
const checkoutLocales =
  `bg cs da de el en en-GB es es-419 et fi fil fr fr-CA hr hu id it ja ko lt lv ms mt nb nl pl pt pt-BR ro ru sk sl sv th tr vi zh
  zh-HK zh-TW`.split(/\s+/);

/** The page's language for a payer's (`zh-CN` is `zh`); `auto`, the browser's own, for one that the page does not speak. */
export function checkoutLocale(locale: string | undefined): string {
  const wish = (locale ?? '').toLowerCase();
  const speaks = (text: string): string | undefined => checkoutLocales.find((one) => one.toLowerCase() === text);
  return speaks(wish) ?? speaks(wish.split('-')[0] ?? '') ?? 'auto';
}
