/** What an event says beside its name and action, in words. */
import type { EngineEvent } from '../../engine/contract/index.ts';
import { m } from '../messages.ts';

export const eventDetails = ({ attributes }: EngineEvent): string =>
  Object.entries(attributes)
    .filter(([, value]) => value !== '')
    .map(([key, value]) => `${m.activity.events.attribute[key] ?? key} ${value}`)
    .join(', ');
