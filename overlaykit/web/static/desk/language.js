// What comes in both languages at once, in the language of the page.

/** Of [English, Chinese], as the plan's own words come. */
export const said = ([english, chinese], lang) => (lang === "zh-CN" ? chinese : english);

/**
 * Of a text that says the same in both languages, `中文 / English`, the one of the page; any other text as it is. Both say the same names and
 * numbers, so where those have such a stroke of their own it is the one in the middle that counts. As `words_in` does it in Python.
 */
export function inLanguage(text, lang = document.documentElement.lang) {
  const parts = text.split(" / ");
  const half = parts.length / 2;
  const [chinese, english] = [parts.slice(0, half).join(" / "), parts.slice(half).join(" / ")];
  if (parts.length % 2 || !/[\u4e00-\u9fff]/.test(chinese) || !/[a-z]{2}/i.test(english)) return text;
  return said([english, chinese], lang);
}
