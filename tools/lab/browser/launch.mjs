// Starts the browser of a test, by its path: Chromium, which Playwright drives, or a Firefox as a distribution ships it, which
// Playwright cannot drive and Puppeteer can, over WebDriver BiDi. What tests use of their pages is the same in both: goto,
// evaluate with one argument, waitForFunction, keyboard, on('pageerror').
import { basename } from 'node:path'
import { chromium } from 'playwright-core'
import puppeteer from 'puppeteer-core'

export const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-component-update',
  '--no-first-run', '--disable-sync']

export const isFirefox = executablePath => basename(executablePath).startsWith('firefox')

export async function launch(executablePath) {
  if (!isFirefox(executablePath)) return chromium.launch({ executablePath, headless: true, args: FLAGS })
  const browser = await puppeteer.launch({ browser: 'firefox', executablePath, headless: true, protocolTimeout: 0 })
  return { newContext: () => browser.createBrowserContext(), close: () => browser.close(), version: () => browser.version() }
}
