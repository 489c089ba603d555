/** What every image of layers must fulfil before its layers are looked at, wherever it comes from. */
import { GuesthouseError } from '../contract/errors.ts';
import { hostArchitecture, type ParsedConfig } from './config.ts';

/** Overlayfs takes 500 lower folders, Docker's own limit is 127. */
const MAX_LAYERS = 127;

/** `layerCount`: of its manifest. `refuse`: makes the error of a contradiction. Throws that, or `unsupported`. */
export function requireUsable(
  { architecture, diffIds }: ParsedConfig,
  layerCount: number,
  subject: string,
  refuse: (why: string) => GuesthouseError,
): void {
  if (architecture !== hostArchitecture())
    throw new GuesthouseError({
      code: 'unsupported',
      message: `The image is made for ${architecture}, and this host is ${hostArchitecture()}.`,
      subject,
      hint: `Make it with --platform linux/${hostArchitecture()}.`,
    });
  if (layerCount !== diffIds.length) throw refuse('its configuration and manifest disagree');
  if (diffIds.length === 0) throw refuse('it has no layers');
  if (diffIds.length > MAX_LAYERS) throw refuse(`it has more than ${MAX_LAYERS} layers`);
}

/** Before an image is made of another one. Throws `unsupported`. */
export function requireLayerCount(layerCount: number, subject: string): void {
  if (layerCount <= MAX_LAYERS) return;
  throw new GuesthouseError({
    code: 'unsupported',
    message: `An image has at most ${MAX_LAYERS} layers, and this one would have ${layerCount}.`,
    subject,
    hint: 'Build it anew from a Containerfile with fewer steps.',
  });
}
