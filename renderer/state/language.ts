/** The language as a setting: chosen here, told to whoever writes the window anew. */
import { type LanguageChoice, languageOf, speak } from '../messages/language.ts';
import { layout } from './layout.svelte.ts';

let writeAnew = () => {};

/** Without its words, because a server was updated meanwhile, the window goes on in English. */
const begin = (): Promise<void> => speak(languageOf(layout.language, navigator.languages)).catch(() => {});

/** Before the first word is shown. `show` runs again whenever the language changed, here or in another window. */
export async function startLanguage(show: () => void): Promise<void> {
  await begin();
  writeAnew = show;
  addEventListener('storage', async () => {
    if (!layout.readLanguage()) return;
    await begin();
    writeAnew();
  });
  show();
}

export async function chooseLanguage(choice: LanguageChoice): Promise<void> {
  layout.setLanguage(choice);
  await begin();
  writeAnew();
}
