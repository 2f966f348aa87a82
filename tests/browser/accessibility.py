"""What a page owes people who do not see it, or see it badly: looked for in the page as it stands.

A selection of WCAG 2.1 AA: language, one title, headings in order, names of controls, labels, landmarks, contrast.
"""

from typing import Final

from playwright.sync_api import Page

_LOOK: Final = r"""
() => {
  const faults = [];
  const folded = (e) => { const d = e.closest('details:not([open])'); return d && !e.closest('summary'); };
  const seen = (e) => { if (folded(e)) return false; const r = e.getBoundingClientRect(), s = getComputedStyle(e);
    return r.width > 0 && r.height > 0 && s.visibility !== 'hidden' && s.display !== 'none' && +s.opacity > 0; };
  const told = (e) => e.outerHTML.slice(0, 120);
  if (!document.documentElement.lang) faults.push('the page names no language');
  if (!document.title) faults.push('the page has no title');
  for (const mark of ['header', 'main', 'footer'])
    if (document.querySelectorAll(mark).length !== 1) faults.push('not one ' + mark);
  const heads = [...document.querySelectorAll('h1,h2,h3,h4')].filter(seen);
  if (heads.filter((h) => h.tagName === 'H1').length !== 1) faults.push('not one h1');
  let level = 0;
  for (const h of heads) {
    const now = +h.tagName[1];
    if (now > level + 1 && level) faults.push('a heading leaps: ' + told(h));
    level = now;
  }
  const named = (e) => {
    const by = (e.getAttribute('aria-labelledby') || '').split(' ').map((i) => document.getElementById(i)?.innerText);
    const labels = e.labels ? [...e.labels].map((l) => l.innerText) : [];
    return [e.getAttribute('aria-label'), e.title, ...by, ...labels, e.innerText, e.alt].some((t) => t && t.trim());
  };
  for (const e of document.querySelectorAll('a[href],button,input,select,textarea,[role=button],summary,meter'))
    if (seen(e) && !e.closest('[aria-hidden=true]') && !named(e)) faults.push('nameless: ' + told(e));
  for (const e of document.querySelectorAll('img:not([alt])')) faults.push('picture without words: ' + told(e));
  for (const e of document.querySelectorAll('th:not([scope])')) faults.push('heading without scope: ' + told(e));
  const ids = {};
  for (const e of document.querySelectorAll('[id]')) ids[e.id] = (ids[e.id] || 0) + 1;
  for (const [id, count] of Object.entries(ids)) if (count > 1) faults.push('an id twice: ' + id);
  const rgb = (c) => { const m = c.match(/[\d.]+/g).map(Number); return { r: m[0], g: m[1], b: m[2], a: m[3] ?? 1 }; };
  const light = (c) => { const f = (v) => { v /= 255; return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; };
    return .2126 * f(c.r) + .7152 * f(c.g) + .0722 * f(c.b); };
  const ground = (e) => { for (let n = e; n; n = n.parentElement) {
      const c = rgb(getComputedStyle(n).backgroundColor); if (c.a > .99) return c; }
    return { r: 255, g: 255, b: 255 }; };
  const texts = new Set();
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) if (walk.currentNode.data.trim()) texts.add(walk.currentNode.parentElement);
  const left = '[disabled],[aria-hidden=true],.visually-hidden,.skip-link,script,style,option';
  for (const e of texts) {
    if (!seen(e) || e.closest(left)) continue;
    const style = getComputedStyle(e), a = light(rgb(style.color)), b = light(ground(e));
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && +style.fontWeight >= 700);
    if (ratio < (large ? 3 : 4.5)) faults.push(`contrast ${ratio.toFixed(2)}: ` + told(e));
  }
  return faults;
}
"""


def faults_of(page: Page) -> list[str]:
    """Every fault of the page, with the piece of it that has it."""
    found: list[str] = page.evaluate(_LOOK)
    return found


def overflows(page: Page) -> bool:
    """Whether the page is wider than its window, so that somebody on a phone must push it to and fro."""
    wide: bool = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth + 1")
    return wide
