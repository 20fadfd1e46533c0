// A picture from the camera, in a dialog.

import { canvasOf } from "./pixels.js";

/** Opens the dialog; gives a canvas, or null where the person closed it. */
export async function photograph(dialog) {
  const video = dialog.querySelector("video");
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({
      video: { facingMode: "environment", width: { ideal: 1920 } },
    });
  } catch (error) {
    throw new Error(`The camera cannot be used: ${reason(error)}.`);
  }
  try {
    video.srcObject = stream;
    await video.play();
    dialog.returnValue = "";
    dialog.showModal();
    await new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
    if (dialog.returnValue !== "take") return null;
    const canvas = canvasOf(video.videoWidth, video.videoHeight);
    canvas.getContext("2d").drawImage(video, 0, 0);
    return canvas;
  } finally {
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
  }
}

function reason(error) {
  if (!navigator.mediaDevices) return "browsers lend it only to pages from https or this machine";
  if (error.name === "NotAllowedError") return "it was not allowed";
  return error.name === "NotFoundError" ? "there is none" : error.message;
}
