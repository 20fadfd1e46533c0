// A slider for each group of a ladder's latents, the coarsest first: how much of it counts.

const MOST = 1.5; // times as far from what is expected there as the code lies

/** Sliders over the groups of a code, in a container; hidden for codes without groups. */
export class Levels {
  constructor(container, go) {
    this.panel = container.closest("section");
    this.container = container;
    this.go = go;
  }

  /** Makes them: {groups}, how many latents of the code each has. */
  declare({ groups = [] }) {
    this.panel.hidden = !groups.length;
    this.group = groups.flatMap((length, group) => Array(length).fill(group)); // of each latent
    this.sliders = groups.map((_, group) => {
      const slider = Object.assign(document.createElement("input"), { type: "range", max: MOST });
      Object.assign(slider, { min: 0, step: 0.05, value: 1 });
      slider.addEventListener("input", () => this.#moved());
      const label = document.createElement("label");
      label.append(`Level ${group + 1}`, slider, document.createElement("output"));
      this.container.append(label);
      return slider;
    });
    this.container.replaceChildren(...this.sliders.map(({ parentElement }) => parentElement));
  }

  show(code) {
    if (this.panel.hidden) return;
    if (code !== this.made) {
      this.code = code; // from elsewhere, and whole
      for (const slider of this.sliders) slider.value = 1;
    }
    for (const { value, nextElementSibling } of this.sliders) {
      nextElementSibling.textContent = `${Math.round(100 * value)}%`;
    }
  }

  #moved() {
    const shares = this.sliders.map(({ value }) => Number(value));
    this.made = this.code.map((value, latent) => value * shares[this.group[latent]]);
    this.go(this.made);
  }
}
