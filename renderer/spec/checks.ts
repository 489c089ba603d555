/** What a form's fields are told about themselves. */
import type { ErrorShape } from '../../engine/contract/index.ts';

export interface FieldChecks {
  /** The first problem of a field or of anything below it: `ports` finds `ports.0.hostPort` too. */
  of(field: string): ErrorShape | null;
  /** In the settings of a guest: how a changed field would be carried out; null when it is as it was. */
  mark?(field: string): 'live' | 'recreate' | null;
  /** An answer is on its way. */
  readonly checking: boolean;
}
