/** What guests cost, as the engine observed it. */
import { type ErrorShape, type GuestCost, toErrorShape } from '../../engine/contract/index.ts';
import { engine } from '../bridge/index.ts';

export class GuestCosts {
  byId = $state.raw<ReadonlyMap<string, GuestCost>>(new Map());
  loaded = $state(false);
  error = $state.raw<ErrorShape | null>(null);

  async read(): Promise<void> {
    try {
      const costs = await engine.call('guests.costs', {});
      this.byId = new Map(costs.map((cost) => [cost.id, cost]));
      this.error = null;
      this.loaded = true;
    } catch (error) {
      this.error = toErrorShape(error);
    }
  }
}
