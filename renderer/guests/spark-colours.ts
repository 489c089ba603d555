/** The sparklines' colours, resolved once per theme and shared by all rows. */
import { SPARK_TOKENS, type SparkColours } from '../graphs/sparkline.ts';
import { onThemeChange, resolveColours } from '../ui/resolved-colours.ts';

let colours: SparkColours | null = null;
onThemeChange(() => {
  colours = null;
});

export function sparkColours(): SparkColours {
  colours ??= resolveColours(document.body, SPARK_TOKENS);
  return colours;
}
