// A person in a headless Chromium: opens the address, types the password, clicks consent, waits for the callback's page.
// LOGIN, PASSWORD, DENY=1. Works at oidc.mjs and at the sandbox. Prints what the person reads in the end.
import { chromium } from 'playwright-core';

const { env } = process;
const browser = await chromium.launch({
  executablePath: env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-proxy-server', '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1'],
});
const page = await browser.newPage();
await page.goto(process.argv[2]);
await page.fill('#login', env.LOGIN ?? 'ann@example.test');
await page.fill('#password', env.PASSWORD ?? 'correct horse');
await page.click('#submit');
await page.waitForSelector('#allow');
await page.click(env.DENY ? '#deny' : '#allow');
await page.waitForURL(/^http:\/\/127\.0\.0\.1:\d+\/callback\?/);
console.log(await page.innerText('body'));
if (env.SCREENSHOT) await page.screenshot({ path: env.SCREENSHOT });
await browser.close();
