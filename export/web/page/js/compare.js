// Before and after on top of each other, with a slider between them.

/** Shows two canvases in #view; a native range is the slider, so that keys and touch work. */
export class Compare {
  constructor(view) {
    this.view = view;
    this.slider = view.querySelector("input");
    this.slider.addEventListener("input", () => this.#move());
  }

  /** Shows a picture, and what became of it where that is known; the slider at `at` percent. */
  show(before, after = null, at = 50) {
    before.className = "before";
    if (after) after.className = "after";
    this.view.querySelectorAll("canvas.before, canvas.after").forEach((old) => old.remove());
    this.view.prepend(...[before, after].filter(Boolean));
    this.view.classList.toggle("compared", Boolean(after));
    const { width, height } = after ?? before;
    this.view.style.setProperty("--width", width);
    this.view.style.setProperty("--height", height);
    this.slider.value = at;
    this.#move();
  }

  #move() {
    const at = this.slider.value;
    this.view.style.setProperty("--at", `${at}%`);
    this.slider.setAttribute("aria-valuetext", `${at} % before, ${100 - at} % after`);
  }
}
