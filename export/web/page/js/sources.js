// Where a picture comes from: a file, the clipboard, a drop, the camera.

import { photograph } from "./camera.js";
import { decode } from "./pixels.js";

/**
 * Listens to every source in the page.
 *
 * take: called with a function that gives {image, name}, or null where the person gave none.
 * target: the element that lights up while a picture is held over the page.
 */
export function listen(take, target) {
  const file = document.getElementById("file");
  const opened = (chosen) => take(async () => ({ image: await decode(chosen), name: chosen.name }));
  file.addEventListener("change", () => {
    if (file.files[0]) opened(file.files[0]);
    file.value = ""; // the same file again is a change again
  });
  document.getElementById("choose").addEventListener("click", () => file.click());
  document.addEventListener("paste", ({ clipboardData }) => {
    if (clipboardData.files[0]) opened(clipboardData.files[0]);
  });

  document.getElementById("camera")?.addEventListener("click", () =>
    take(async () => {
      const image = await photograph(document.getElementById("viewfinder"));
      return image && { image, name: "photograph" };
    }),
  );

  document.addEventListener("dragover", (event) => {
    event.preventDefault(); // or the browser would leave the page and show the file
    target.classList.add("over");
  });
  document.addEventListener("dragleave", ({ relatedTarget }) => {
    if (!relatedTarget) target.classList.remove("over");
  });
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    target.classList.remove("over");
    if (event.dataTransfer.files[0]) opened(event.dataTransfer.files[0]);
  });
}

/** A picture that was exported with the page, as a bitmap. */
export async function exported(path) {
  const response = await fetch(path).catch(() => null);
  if (!response?.ok) throw new Error(`${path} cannot be read. Export it again.`);
  return decode(await response.blob());
}
