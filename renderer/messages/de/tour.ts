/** Der Rundgang: jeder Schritt sagt, was zu sehen ist und was sein Knopf tut. */
import type { Translated } from '../language.ts';
import type { tour as english } from '../tour.ts';

export const tour: Translated<typeof english> = {
  start: 'Rundgang beginnen',
  settings: 'Rundgang',
  settingsHint: 'Legt einen kleinen Container an und führt durch ihn.',
  at: (step, all) => `Schritt ${step} von ${all}`,
  end: 'Rundgang beenden',
  steps: {
    make: {
      title: 'Ein eigener Gast',
      text: 'Ein Gast entsteht aus einem Image. Für diesen Rundgang wird hier ein kleines (2 MiB) ganz ohne Netz gebaut und daraus ein Container angelegt und gestartet.',
      act: 'Anlegen',
    },
    guest: {
      title: 'Das ist er',
      text: 'Wer er ist, wie es ihm geht und was sich mit ihm tun lässt, steht immer an dieser Stelle. Er läuft weiter, wenn dieses Fenster geschlossen wird.',
      act: 'Seine Konsole',
    },
    console: {
      title: 'Eine Shell darin',
      text: 'Hineinklicken und tippen, zum Beispiel ls. Was geschrieben wurde, bleibt stehen, auch nach einem Neuladen.',
      act: 'Seine Verläufe',
    },
    graphs: {
      title: 'Was er verbraucht',
      text: 'Prozessor, Speicher, Platte und Netzwerk, jede Sekunde gemessen und 30 Tage aufgehoben.',
      act: 'Und das Ende',
    },
    remove: {
      title: 'Weg und wieder da',
      text: 'Gelöscht wird ein Gast im Menü neben seinen Knöpfen oder mit Entf. Eine Weile bleibt er im Papierkorb. Mit diesem lässt es sich ausprobieren.',
      act: 'Löschen',
    },
  },
  undo: {
    title: 'Er ist im Papierkorb',
    text: 'Rückgängig holt ihn zurück, wie er war. Später findet er sich unter Hosts. Das war der Rundgang; in den Einstellungen beginnt er von vorn.',
    act: 'Rückgängig',
  },
  over: {
    title: 'Er ist weg',
    text: 'Hier wird nichts im Papierkorb aufgehoben. Das war der Rundgang; in den Einstellungen beginnt er von vorn.',
  },
};
