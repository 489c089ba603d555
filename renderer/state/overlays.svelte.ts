/** Which of the window's floating parts is open. */
class Overlays {
  palette = $state(false);
  keys = $state(false);
}

export const overlays = new Overlays();
