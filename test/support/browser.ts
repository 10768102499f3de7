import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium, type Browser, type Frame, type Page } from 'playwright-core';
import { ensurePackages } from '../../tools/packages.ts';
import { temporalAddress } from './temporal.ts';

/** Of each row of the list; as text, since the types of a browser's objects are not those of the rest. */
const FIRST_LINKS = `[...document.querySelectorAll('table tbody tr')]
  .map((row) => row.querySelector('a')?.getAttribute('href') ?? '')
  .filter((link) => link !== '')`;
/** What Chromium is called where it is installed; Debian's own name first. */
const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
/** Far beyond what any page takes on a loaded machine. */
const PATIENCE_MS = 60_000;
/** The Web UI asks the internet for news. */
const LOOPBACK_ONLY = '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1';

/**
 * A real Chromium without a window, which reaches 127.0.0.1 and nothing else; to be closed. Installs Debian's package
 * where there is none.
 *
 * @throws RollcallError `internal` saying what to install when it cannot be had
 */
export async function openBrowser(): Promise<Browser> {
  let executablePath = installedBrowser();
  if (executablePath === undefined) {
    await ensurePackages(['chromium']);
    executablePath = installedBrowser();
  }
  return chromium.launch({
    ...(executablePath === undefined ? {} : { executablePath }),
    args: [LOOPBACK_ONLY],
    timeout: PATIENCE_MS,
  });
}

function installedBrowser(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path));
}

/**
 * The origin of the shared server's Web UI. Of a server that ran already (`TEMPORAL_ADDRESS`) it is
 * `ROLLCALL_TEST_TEMPORAL_UI`, else where `temporal server start-dev` has it: a thousand ports above the server.
 */
export function temporalWebUi(): string {
  const [host = '', port = ''] = temporalAddress().split(':');
  return process.env['ROLLCALL_TEST_TEMPORAL_UI'] ?? `http://${host}:${Number(port) + 1_000}`;
}

export interface PageSize {
  width: number;
  height: number;
}

/** Temporal's Web UI in a browser, as an operator uses it. */
export class WebUi {
  readonly page: Page;
  private readonly root: string;

  private constructor(page: Page, root: string) {
    this.page = page;
    this.root = root;
  }

  /** @param url the Web UI's origin */
  static async open(browser: Browser, url: string, viewport: PageSize = { width: 1280, height: 900 }): Promise<WebUi> {
    // One zone for all machines: times are part of what is shown.
    const page = await browser.newPage({ viewport, timezoneId: 'UTC' });
    page.setDefaultTimeout(PATIENCE_MS);
    return new WebUi(page, `${url}/namespaces/default/workflows`);
  }

  /** The list of workflows, all of them. */
  async list(): Promise<void> {
    await this.page.goto(this.root);
    await this.page.getByTestId('toggle-manual-query').click();
  }

  /** Types a query above the list, where {@link list} has left the browser. */
  async query(text: string): Promise<void> {
    await this.page.getByTestId('manual-search-input').fill(text);
    await this.page.keyboard.press('Enter');
  }

  /** Temporal's run ids of the workflows in the list as it is now. */
  async listed(): Promise<string[]> {
    const links = await this.page.evaluate<string[]>(FIRST_LINKS);
    return links.flatMap((link) => link.split('/').at(-2) ?? []);
  }

  /** One tab of one workflow's page. */
  async workflow(workflowId: string, runId: string, tab: 'timeline' | 'history' | 'user-metadata'): Promise<void> {
    await this.page.goto(`${this.root}/${encodeURIComponent(workflowId)}/${runId}/${tab}`);
  }

  /** Columns of the list, from the next page on; as the Web UI keeps them in the browser's storage. */
  async showColumns(names: readonly string[]): Promise<void> {
    const columns = JSON.stringify({ default: names.map((label) => ({ label })) });
    const script = `localStorage.setItem('namespace-workflow-table-columns', ${JSON.stringify(columns)})`;
    await this.page.addInitScript(script);
  }

  /** Waits until this can be read, and nothing moves any more. */
  async settled(shown: string): Promise<void> {
    const end = performance.now() + PATIENCE_MS;
    for (let before = ''; ; await this.page.waitForTimeout(500)) {
      const now = await this.text();
      if (now === before && now.includes(shown)) return;
      if (performance.now() > end) throw new Error(`The Web UI never showed "${shown}".`);
      before = now;
    }
  }

  /** Everything that the page shows, the frames around markdown included. */
  async text(): Promise<string> {
    // A frame that is replaced while it is read shows nothing.
    const read = (frame: Frame): Promise<string> => frame.evaluate<string>('document.body.innerText').catch(() => '');
    const texts = await Promise.all(this.page.frames().map(read));
    return texts.join('\n');
  }
}
