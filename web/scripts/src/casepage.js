// The case page: copying words, and giving pictures and videos to the phone's own
// share menu, from which they go into the album. Without this script every file
// can still be downloaded, and words selected by hand.
//
// data-copy            button beside a field: copies the field's text
// data-share           block with the save button; shown where the browser can share files
// data-share-file      link to a file that can be shared (-name, -type, -bytes)
// data-progress        case whose work is under way: reload when there is more of it
//                      than -made files, or show the link in -fresh

import { news } from "./news.js";

const SET_FILES = 10;
const SET_BYTES = 50e6;

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", () => copy(button));
}

async function copy(button) {
  const field = button.parentElement.querySelector("textarea, input");
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
  } catch {
    document.execCommand("copy"); // browsers without https or an older clipboard
  }
  const words = button.textContent;
  button.textContent = button.dataset.copied;
  setTimeout(() => (button.textContent = words), 2000);
}

// sets divides files into what one share takes: at most ten files and 50 MB.
export function sets(files) {
  const all = [];
  let bytes = 0;
  for (const file of files) {
    const last = all.at(-1);
    if (!last || last.length >= SET_FILES || bytes + file.bytes > SET_BYTES) {
      all.push([file]);
      bytes = file.bytes;
    } else {
      last.push(file);
      bytes += file.bytes;
    }
  }
  return all;
}

for (const block of document.querySelectorAll("[data-share]")) share(block);

function share(block) {
  const probe = new File([""], "a.jpg", { type: "image/jpeg" });
  if (!navigator.canShare || !navigator.canShare({ files: [probe] })) return;
  block.hidden = false;
  const button = block.querySelector("[data-share-button]");
  const text = block.querySelector("[data-share-text]");
  const say = (key) => (text.textContent = block.dataset[key]);
  const links = [...block.closest(".pack").querySelectorAll("[data-share-file]")];
  const waiting = sets(links.map((a) => ({ url: a.dataset.shareFile, name: a.dataset.shareName, type: a.dataset.shareType, bytes: Number(a.dataset.shareBytes) })));
  let ready = null; // the next set, fetched: sharing must follow the tap at once
  button.addEventListener("click", async () => {
    try {
      if (!ready) {
        button.disabled = true;
        say("loading");
        ready = await Promise.all(waiting[0].map(fetched));
        button.disabled = false;
        if (!navigator.canShare({ files: ready })) throw new Error("cannot share these");
        say("ready");
        return;
      }
      await navigator.share({ files: ready });
      ready = null;
      waiting.shift();
      say(waiting.length ? "more" : "done");
      button.hidden = waiting.length === 0;
    } catch (error) {
      button.disabled = false;
      if (error.name === "AbortError") return; // closed by the person: the set stays
      ready = null;
      say("failed");
    }
  });
}

async function fetched(file) {
  const answer = await fetch(file.url);
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  return new File([await answer.blob()], file.name, { type: file.type });
}

const work = document.querySelector("[data-progress]");
if (work) watch(work);

function watch(block) {
  const bar = block.querySelector("[data-progress-bar]");
  const text = block.querySelector("[data-progress-text]");
  news(block.dataset.progress, (now) => {
    if (now.percent >= 0) bar.value = now.percent;
    if (now.text) text.textContent = now.text;
    if (now.made > Number(block.dataset.progressMade) || now.done) fresh(block);
  });
}

// fresh shows what is new: by itself, or, while someone watches a film, has opened
// something or is handing files on, at their word.
function fresh(block) {
  const busy =
    [...document.querySelectorAll("video")].some((film) => !film.paused) ||
    document.querySelector("details[open], [data-share-button]:disabled") ||
    document.activeElement?.matches("textarea, input");
  if (busy) block.querySelector("[data-progress-fresh]").hidden = false;
  else setTimeout(() => location.reload(), 800);
}
