// Opens pages in a headless Chromium and tells what a person would see: look.mjs URL SCREENSHOT [URL SCREENSHOT …]
import { chromium } from 'playwright-core';

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-proxy-server'] });
const context = await browser.newContext({ viewport: { width: 1200, height: 900 } });
for (let i = 2; i < process.argv.length; i += 2) {
  const page = await context.newPage();
  const errors = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  page.on('requestfailed', (request) => errors.push(`failed: ${request.url()}`));
  await page.goto(process.argv[i], { waitUntil: 'networkidle' });
  await page.screenshot({ path: process.argv[i + 1], fullPage: true });
  console.log(JSON.stringify({
    title: await page.title(),
    text: await page.innerText('body'),
    images: await page.$$eval('img', (all) => all.map((one) => one.naturalWidth)),
    diagrams: await page.$$eval('.mermaid', (all) => all.length),
    errors,
  }));
}
await browser.close();
