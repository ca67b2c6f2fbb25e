// The browsers of the matrix. `open(url, closing)` starts one on a page, leaves with `closing`, an AsyncDisposableStack, how
// to end all of it, and returns the browser's version. A third argument is the folder of an extension to install.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";

import { chromium as playwright } from "playwright-core";

import { freePort } from "../support/free-port.mjs";
import * as places from "../support/places.mjs";
import { tool } from "./harness.mjs";

export const chromium = {
  name: "Chromium",
  async open(url, closing, extension) {
    // An extension is found only in a profile that is kept; "" stands for one that is kept until the end.
    const context = await playwright.launchPersistentContext("", {
      executablePath: places.chromium(),
      ...(extension && {
        args: [`--load-extension=${extension}`, `--disable-extensions-except=${extension}`],
        ignoreDefaultArgs: ["--disable-extensions"],
      }),
    });
    closing.defer(() => context.close());
    await (await context.newPage()).goto(url);
    return context.browser().version();
  },
};

export const firefox = {
  name: "Firefox",
  async open(url, closing, extension) {
    const browser = await launchFirefox(closing);
    if (extension) await browser.installExtension(extension);
    await (await browser.newPage()).goto(url);
    return (await browser.version()).replace("firefox/", "");
  },
};

export const webkit = {
  name: "WebKitGTK",
  async open(url, closing) {
    const driver = await launchWebkit(closing);
    await driver.get(url);
    return (await driver.getCapabilities()).getBrowserVersion();
  },
};

/** Puppeteer's browser. */
export async function launchFirefox(closing) {
  const { default: puppeteer } = await tool("puppeteer-core");
  const browser = await puppeteer.launch({
    browser: "firefox",
    executablePath: places.firefox(),
    // Otherwise an extension opens its popup only when someone clicks.
    extraPrefsFirefox: { "extensions.openPopupWithoutUserGesture.enabled": true },
  });
  closing.defer(() => browser.close());
  return browser;
}

/** Selenium's driver. WebKitGTK needs a display. */
export async function launchWebkit(closing) {
  const { Builder } = await tool("selenium-webdriver");
  const display = start(places.xvfb(), ["-displayfd", "1", "-nolisten", "tcp"], process.env, closing);
  const [number] = await once(createInterface(display.stdout), "line");
  const port = await freePort();
  start(places.webkitDriver(), [`--port=${port}`], { ...process.env, DISPLAY: `:${number}` }, closing);
  const server = `http://127.0.0.1:${port}`;
  while (!(await fetch(`${server}/status`).catch(() => undefined))) await wait(50);
  const driver = await new Builder().usingServer(server).withCapabilities({ browserName: "MiniBrowser" }).build();
  closing.defer(() => driver.quit());
  return driver;
}

function start(program, values, env, closing) {
  const child = spawn(program, values, { env, stdio: ["ignore", "pipe", "inherit"] });
  closing.defer(async () => {
    if (child.exitCode === null && child.kill()) await once(child, "exit");
  });
  return child;
}
