/** nft inside the house. */
import { run } from '../host/process.ts';
import { enterHouse, type Holder } from './holder.ts';

const NFT_TIMEOUT_MS = 10_000;

/** Applies rules as one transaction: all or none. */
export async function applyRules(holder: Holder, rules: string): Promise<void> {
  if (rules === '') return;
  await run([...enterHouse(holder, { network: true }), 'nft', '-f', '-'], { input: rules, timeoutMs: NFT_TIMEOUT_MS });
}
