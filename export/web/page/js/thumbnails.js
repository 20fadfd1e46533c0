// A row of small pictures to choose from.

/** Fills a list with buttons of [{canvas, code}]; `go` gets the code of the one chosen. */
export function show(list, items, go) {
  list.replaceChildren(
    ...items.map(({ canvas, code }, i) => {
      const button = Object.assign(document.createElement("button"), { type: "button" });
      button.setAttribute("aria-label", `${list.getAttribute("aria-label")}: ${i + 1}`);
      button.addEventListener("click", () => go(code));
      button.append(canvas);
      return button;
    }),
  );
}
