"use strict";
(() => {
  const clip = document.getElementById("clip");
  if (!clip) return;
  const video = document.getElementById("video");
  const scrub = document.getElementById("scrub");
  const clock = document.getElementById("clock");
  const plots = [...document.querySelectorAll(".timed")].map((figure) => ({
    canvas: figure.querySelector(".canvas"),
    cursor: figure.querySelector(".cursor"),
    from: +figure.dataset.from, to: +figure.dataset.to,
    left: +figure.dataset.left, right: +figure.dataset.right,
  }));
  const moments = [...document.querySelectorAll(".jump")].map((b) => +b.dataset.time).sort((a, b) => a - b);
  const start = +clip.dataset.start;
  const frame = +clip.dataset.step;
  const twoDigits = { minimumFractionDigits: 2, maximumFractionDigits: 2, useGrouping: false };
  let loop = null;
  let still = start; // where we are if there is no video

  // Tables count from the first frame of the recording, the video from 0.
  const toVideo = (time) => time - start;
  const now = () => (video ? video.currentTime + start : still);

  const show = () => {
    const time = now();
    if (video) clock.textContent = `${time.toLocaleString(document.documentElement.lang, twoDigits)} s`;
    if (video && video.duration) scrub.value = String(video.currentTime / video.duration);
    for (const plot of plots) {
      const share = (time - plot.from) / (plot.to - plot.from);
      plot.cursor.hidden = share < 0 || share > 1;
      plot.cursor.style.left = `${100 * (plot.left + share * (plot.right - plot.left))}%`;
      plot.canvas.setAttribute("aria-valuenow", time.toFixed(2));
    }
  };
  const jump = (time) => {
    if (!video) { still = time; show(); return; }
    video.currentTime = Math.min(Math.max(toVideo(time), 0), video.duration || Infinity);
    show();
  };
  const tick = () => {
    if (loop && (now() >= loop[1] || now() < loop[0] - frame)) jump(loop[0]);
    show();
    if (!video.paused) requestAnimationFrame(tick);
  };

  for (const mark of document.querySelectorAll(".jump")) {
    mark.addEventListener("click", () => {
      if (video) video.pause();
      jump(+mark.dataset.time);
      if (video) video.scrollIntoView({ block: "nearest" });
    });
  }
  for (const plot of plots) {
    const at = (event) => {
      const box = plot.canvas.getBoundingClientRect();
      const share = ((event.clientX - box.left) / box.width - plot.left) / (plot.right - plot.left);
      if (share >= -0.02 && share <= 1.02) { if (video) video.pause(); jump(plot.from + share * (plot.to - plot.from)); }
    };
    plot.canvas.addEventListener("click", at);
    plot.canvas.addEventListener("pointermove", (event) => { if (event.buttons === 1) at(event); });
    plot.canvas.addEventListener("keydown", (event) => {
      if (event.key === "Home") jump(plot.from);
      if (event.key === "End") jump(plot.to);
    });
  }
  if (!video) return;

  const button = (name) => document.querySelector(`[data-do="${name}"]`);
  const actions = {
    play: () => (video.paused ? video.play() : video.pause()),
    back: () => { video.pause(); jump(now() - frame); },
    forward: () => { video.pause(); jump(now() + frame); },
    slow: () => {
      const slow = video.playbackRate === 1;
      video.playbackRate = slow ? 0.25 : 1;
      button("slow").setAttribute("aria-pressed", String(slow));
    },
    loop: () => {
      loop = loop ? null : around(now());
      button("loop").setAttribute("aria-pressed", String(Boolean(loop)));
      if (loop) { jump(loop[0]); video.play(); }
    },
  };
  const around = (time) => {
    const before = moments.filter((m) => m <= time + frame / 2);
    const after = moments.filter((m) => m > time + frame / 2);
    const begin = before.length ? before[before.length - 1] : start;
    return [begin, after.length ? after[Math.min(3, after.length - 1)] : start + video.duration];
  };
  for (const name of Object.keys(actions)) button(name).addEventListener("click", actions[name]);
  scrub.addEventListener("input", () => {
    video.pause();
    video.currentTime = scrub.value * (video.duration || 0);
    show();
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target.matches("input, textarea, summary, a");
    const pressed = event.target.matches("button") && event.key === " ";
    if (typing || pressed || event.ctrlKey || event.metaKey || event.altKey) return;
    const keys = { " ": "play", ArrowLeft: "back", ArrowRight: "forward", s: "slow", l: "loop" };
    if (keys[event.key]) { event.preventDefault(); actions[keys[event.key]](); }
  });
  const face = (sign, word) => {
    const play = button("play");
    play.textContent = sign;
    play.setAttribute("aria-label", play.dataset[word]);
  };
  video.addEventListener("play", () => { face("❚❚", "pause"); requestAnimationFrame(tick); });
  video.addEventListener("pause", () => { face("▶︎", "play"); show(); });
  for (const name of ["seeked", "loadedmetadata", "timeupdate"]) video.addEventListener(name, show);
  video.addEventListener("error", () => { video.closest(".player").classList.add("broken"); });
  show();
})();
