// Has axe look at pages in a headless Chromium, and prints each rule that one breaks: axe.mjs MODE URL [MODE URL …]
// A mode is a width and a colour scheme: 1280-light, 390-dark; 390-light-width sees only that the page is no wider. The first page of a mode is looked at whole; WITHIN: where
// the others differ from it (selectors with commas between), and axe looks only there. SHOTS: a directory for a picture of each.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-proxy-server'] });
const within = process.env.WITHIN?.split(',');
const pages = new Map(); // one a mode: its scripts are compiled once
let errors;
for (let i = 2; i < process.argv.length; i += 2) {
  const [mode, url] = process.argv.slice(i, i + 2);
  const [width, colorScheme, only] = mode.split('-');
  const whole = !within || !pages.has(mode);
  if (!pages.has(mode)) {
    const context = await browser.newContext({ viewport: { width: +width, height: 900 }, colorScheme, bypassCSP: true });
    pages.set(mode, await context.newPage());
    pages.get(mode).on('pageerror', (error) => errors.push(`error: ${error}`));
  }
  const page = pages.get(mode);
  errors = [];
  await page.goto(url, { waitUntil: 'load' });
  await page.waitForFunction(() => !document.querySelector('pre.mermaid')); // the diagrams are drawn
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${i / 2}-${mode}.png`, fullPage: true });
  if (!only) {
    await page.evaluate(axe);
    const parts = whole ? { exclude: [] } : { include: within };
    const found = await page.evaluate((parts) => axe.run(parts, { resultTypes: ['violations'] }), parts);
    for (const { id, nodes } of found.violations) {
      for (const node of nodes) errors.push(`${id}: ${node.target.join(' ')}: ${node.failureSummary.replace(/\s+/g, ' ')}`);
    }
  }
  if (await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)) errors.push('wider than the window');
  for (const error of errors) console.log(`${mode} ${url}: ${error}`);
}
await browser.close();
