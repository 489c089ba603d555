/** What the host has and can do; asked once per connection and when somebody wants it fresh. */
import { type ErrorShape, type Finding, type HostInfo, toErrorShape } from '../../engine/contract/index.ts';
import { engine } from '../bridge/index.ts';

class Host {
  info = $state.raw<HostInfo | null>(null);
  findings = $state.raw<readonly Finding[] | null>(null);
  /** The checks are running. */
  checking = $state(false);
  error = $state.raw<ErrorShape | null>(null);

  readonly name = $derived(this.info?.hostname ?? '');

  async refresh(): Promise<void> {
    try {
      this.info = await engine.call('host.info', {});
      this.error = null;
    } catch (thrown) {
      this.error = toErrorShape(thrown);
    }
  }

  /** Runs what mends a finding. Throws what went wrong; the findings are fresh either way. */
  async mend(finding: string): Promise<void> {
    try {
      this.findings = await engine.call('host.mend', { finding });
      await this.refresh();
    } catch (thrown) {
      void this.check(true);
      throw thrown;
    }
  }

  async check(fresh: boolean): Promise<void> {
    if (this.checking) return;
    this.checking = true;
    try {
      this.findings = await engine.call('host.doctor', { fresh });
      if (fresh) await this.refresh();
      this.error = null;
    } catch (thrown) {
      this.error = toErrorShape(thrown);
    } finally {
      this.checking = false;
    }
  }
}

export const host = new Host();
