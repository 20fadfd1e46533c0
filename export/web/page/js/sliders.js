// A slider for every latent, those that change the picture most first.

const REACH = 3; // standard deviations to either side

/** Sliders over a code, in a container. */
export class Sliders {
  constructor(container, go) {
    this.panel = container.closest("section");
    this.container = container;
    this.go = go;
  }

  /** Makes them: {mean, stddev, order}; none where latents have no order, but groups. */
  declare({ mean, stddev, order = [] }) {
    this.panel.hidden = !order.length;
    const named = order.length > 2 ? order : [...order].sort(); // as the plane names its two
    this.container.previousElementSibling.hidden = order.length < 3;
    this.rows = named.map((latent) => {
      const slider = Object.assign(document.createElement("input"), { type: "range", step: "any" });
      slider.min = mean[latent] - REACH * stddev[latent];
      slider.max = mean[latent] + REACH * stddev[latent];
      slider.addEventListener("input", () => this.#moved(latent, Number(slider.value)));
      slider.addEventListener("keydown", (event) => this.#key(event, slider, stddev[latent]));
      const shown = document.createElement("output");
      const label = document.createElement("label");
      label.append(`z${latent + 1}`, slider, shown);
      return { latent, slider, shown, label };
    });
    this.container.replaceChildren(...this.rows.map(({ label }) => label));
  }

  show(code) {
    this.code = code;
    for (const { latent, slider, shown } of this.rows) {
      slider.min = Math.min(slider.min, code[latent]); // a draw may lie further out
      slider.max = Math.max(slider.max, code[latent]);
      slider.value = code[latent];
      shown.textContent = code[latent].toFixed(2);
      slider.setAttribute("aria-valuetext", shown.textContent);
    }
  }

  #moved(latent, value) {
    const moved = Float32Array.from(this.code);
    moved[latent] = value;
    this.go(moved);
  }

  /** Arrow keys move by a tenth of a standard deviation: without steps a browser has its own. */
  #key(event, slider, stddev) {
    const step = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    slider.value = Number(slider.value) + 0.1 * step * stddev;
    slider.dispatchEvent(new Event("input"));
  }
}
