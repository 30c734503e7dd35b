// Sliders, numbers and the clock.

const element = (id) => document.getElementById(id);
const PARAMETERS = ["coupling", "phase_lag", "gain"];
const START = [5, 0, 2];
const UNITS = { coupling: " rad/s", phase_lag: " rad", gain: "" };
const darkness = window.matchMedia("(prefers-color-scheme: dark)");
const calm = window.matchMedia("(prefers-reduced-motion: reduce)");

/** The page that this one stands in, where there is one that lets itself be read. */
function surroundings() {
  try {
    return window.frameElement;
  } catch {
    return null;
  }
}

/** Colours of the system, or of the page around, which has a switch of its own. */
function chooseColours() {
  const chosen = surroundings()?.ownerDocument.documentElement.dataset.theme;
  document.documentElement.classList.toggle("dark", chosen ? chosen === "dark" : darkness.matches);
}

/** Follow the colours and the width of the page around. */
function settleIn(redraw) {
  const frame = surroundings();
  const recolour = () => {
    chooseColours();
    redraw();
  };
  darkness.addEventListener("change", recolour);
  if (frame === null) return;
  document.documentElement.classList.add("embedded");
  new MutationObserver(recolour).observe(frame.ownerDocument.documentElement, { attributeFilter: ["data-theme"] });
  const fit = () => {
    frame.style.height = `${Math.ceil(document.body.getBoundingClientRect().height)}px`;
  };
  new ResizeObserver(fit).observe(document.body);
}

function start(runs) {
  const { about } = runs;
  const last = about.time.length - 1;
  const rate = last / about.time[last]; // samples a second: as long as it took the network
  let sample = 0;
  let playing = false;
  let asked = 0; // the next picture that the browser was asked for
  let before = null; // time of the picture before [ms]

  const positions = () => PARAMETERS.map((name) => Number(element(name).value));

  function show() {
    const run = runs.at(positions());
    const taken = Math.floor(sample);
    element("time").value = taken;
    element("time-value").value = `${about.time[taken].toFixed(2)} s`;
    element("time").setAttribute("aria-valuetext", element("time-value").value);
    element("order").textContent = runs.order(run, taken).toFixed(3);
    element("amplitude").textContent = runs.amplitude(run, taken).toFixed(3);
    element("regime").textContent = about.regimes[run];
    element("play").textContent = playing ? "Pause" : sample >= last ? "Play again" : "Play";
    drawCircle(element("circle"), runs, run, sample);
    drawCourse(element("course"), runs, run, sample);
    drawWeights(element("weights"), runs, run, sample);
  }

  /** What pictures show, in words: where it does not change sixty times a second. */
  function speak() {
    const run = runs.at(positions());
    const [order, amplitude] = [element("order").textContent, element("amplitude").textContent];
    const end = `at the end |r| is ${runs.order(run, last).toFixed(3)} and the network ${about.regimes[run]}`;
    element("course").setAttribute("aria-label", `Order parameter and mean amplitude over 15 s: ${end}`);
    if (playing) return;
    element("circle").setAttribute("aria-label", `${about.nodes} phases on the circle, with an order parameter of ${order}`);
    element("weights").setAttribute("aria-label", `Weights among ${about.weights_nodes} of the nodes`);
    element("spoken").textContent = `Order ${order}, mean amplitude ${amplitude}; ${end}.`;
  }

  function tick(now) {
    if (before !== null) sample = Math.min(last, sample + ((now - before) / 1000) * rate);
    before = now;
    if (sample >= last) return pause();
    show();
    asked = requestAnimationFrame(tick);
  }

  function pause() {
    playing = false;
    cancelAnimationFrame(asked);
    sample = Math.floor(sample);
    show();
    speak();
  }

  function play() {
    if (sample >= last) sample = 0;
    [playing, before] = [true, null];
    show();
    cancelAnimationFrame(asked); // where it plays already
    asked = requestAnimationFrame(tick);
  }

  function moved() {
    for (const name of PARAMETERS) {
      const value = `${about[name][element(name).value]}${UNITS[name]}`;
      element(`${name}-value`).value = value;
      element(name).setAttribute("aria-valuetext", value);
    }
    show();
    speak();
  }

  function go(places) {
    PARAMETERS.forEach((name, k) => {
      element(name).value = places[k];
    });
    moved();
  }

  for (const name of PARAMETERS) {
    element(name).max = about[name].length - 1;
    element(name).addEventListener("input", moved);
  }
  element("time").max = last;
  element("time").addEventListener("input", () => {
    sample = Number(element("time").value);
    pause();
  });
  element("play").addEventListener("click", () => (playing ? pause() : play()));
  for (const button of document.querySelectorAll("[data-at]")) {
    button.addEventListener("click", () => {
      go(button.dataset.at.split(" ").map(Number));
      if (calm.matches) return;
      sample = 0;
      play();
      element("circle").scrollIntoView({ block: "nearest" });
    });
  }
  settleIn(show);
  new ResizeObserver(show).observe(element("course"));
  if (calm.matches) sample = last; // nothing moves by itself
  go(START);
  if (!calm.matches) play();
}

chooseColours();
if (typeof DecompressionStream === "undefined") element("failure").hidden = false;
else start(await unpacked());
