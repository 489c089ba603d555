/** Which of the window's floating parts is open. */
class Overlays {
  palette = $state(false);
  keys = $state(false);
  /** Machines of other programs, to import. */
  found = $state(false);
  /** The line to pull an image, on the page of images. */
  pull = $state(false);
}

export const overlays = new Overlays();
