// Pictures of one run at one time.

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
const channels = (hex) => [1, 3, 5].map((k) => parseInt(hex.slice(k, k + 2), 16));

/** Channels between three colours, for a share from −1 to 1. */
function between(low, middle, high, share) {
  const end = share < 0 ? low : high;
  return middle.map((from, k) => Math.round(from + (end[k] - from) * Math.abs(share)));
}

/** A canvas that is cleared and as sharp as the screen: its context, width and height [CSS pixels]. */
function cleared(canvas) {
  const { clientWidth: width, clientHeight: height } = canvas;
  const scale = window.devicePixelRatio || 1;
  const wanted = [Math.round(width * scale), Math.round(height * scale)];
  if (canvas.width !== wanted[0] || canvas.height !== wanted[1]) [canvas.width, canvas.height] = wanted;
  const context = canvas.getContext("2d");
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height };
}

/** Nodes at their phases, and the order parameter as an arrow. */
function drawCircle(canvas, runs, run, sample) {
  const { context, width, height } = cleared(canvas);
  const { nodes } = runs.about;
  const dot = Math.max(4, width / 55);
  const radius = Math.min(width, height) / 2 - dot - 2;
  context.translate(width / 2, height / 2);
  context.lineWidth = 1.5;
  context.strokeStyle = colour("line");
  context.beginPath();
  context.arc(0, 0, radius, 0, 2 * Math.PI);
  context.stroke();

  const [slow, middle, fast] = ["slow", "middle", "fast"].map((name) => channels(colour(name)));
  const mean = [0, 0];
  context.globalAlpha = 0.3 + 0.7 * runs.amplitude(run, Math.floor(sample));
  for (let node = 0; node < nodes; node += 1) {
    const phase = runs.phase(run, node, sample);
    const [x, y] = [Math.cos(phase), -Math.sin(phase)]; // counterclockwise
    mean[0] += x / nodes;
    mean[1] += y / nodes;
    context.fillStyle = `rgb(${between(slow, middle, fast, (2 * node) / (nodes - 1) - 1)})`;
    context.beginPath();
    context.arc(radius * x, radius * y, dot, 0, 2 * Math.PI);
    context.fill();
  }
  context.globalAlpha = 1;
  drawArrow(context, radius * mean[0], radius * mean[1], dot);
}

/** An arrow from the middle. */
function drawArrow(context, x, y, head) {
  const length = Math.hypot(x, y);
  context.strokeStyle = context.fillStyle = colour("ink");
  context.lineWidth = 2.5;
  context.beginPath();
  context.arc(0, 0, 3, 0, 2 * Math.PI);
  context.fill();
  context.rotate(Math.atan2(y, x));
  context.beginPath();
  context.moveTo(0, 0);
  context.lineTo(Math.max(0, length - head), 0);
  context.stroke();
  context.beginPath();
  context.moveTo(length, 0);
  context.lineTo(length - 1.6 * head, 0.8 * head);
  context.lineTo(length - 1.6 * head, -0.8 * head);
  context.fill();
}

/** Order parameter and mean amplitude over the whole run, faint behind the time that is shown. */
function drawCourse(canvas, runs, run, sample) {
  const { context, width, height } = cleared(canvas);
  const samples = runs.about.time.length;
  const box = { left: 28, right: width - 8, top: 8, bottom: height - 24 };
  const x = (k) => box.left + ((box.right - box.left) * k) / (samples - 1);
  const y = (value) => box.bottom - (box.bottom - box.top) * value;
  context.font = "12px system-ui, sans-serif";
  context.fillStyle = colour("quiet");
  context.strokeStyle = colour("line");
  context.lineWidth = 1;
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const value of [0, 0.5, 1]) {
    line(context, [[box.left, y(value)], [box.right, y(value)]]);
    context.fillText(String(value), box.left - 6, y(value));
  }
  context.textAlign = "center";
  context.textBaseline = "top";
  const seconds = runs.about.time[samples - 1];
  for (let time = 0; time <= seconds; time += 3) context.fillText(String(time), x((time / seconds) * (samples - 1)), box.bottom + 6);

  const all = [...Array(samples).keys()];
  context.lineWidth = 2;
  for (const [name, of, dash] of [["order", runs.order, []], ["amplitude", runs.amplitude, [6, 4]]]) {
    const points = all.map((k) => [x(k), y(of(run, k))]);
    context.setLineDash(dash);
    context.strokeStyle = colour(name);
    context.globalAlpha = 0.3;
    line(context, points);
    context.globalAlpha = 1;
    line(context, points.slice(0, Math.floor(sample) + 1));
  }
  context.setLineDash([]);
  context.strokeStyle = colour("ink");
  context.lineWidth = 1;
  line(context, [[x(sample), box.top], [x(sample), box.bottom]]);
}

/** A line through points. */
function line(context, points) {
  context.beginPath();
  for (const point of points) context.lineTo(...point);
  context.stroke();
}

/** The weight matrix: row i, column j is how j acts on i. */
function drawWeights(canvas, runs, run, sample) {
  const { context, width, height } = cleared(canvas);
  const shown = runs.about.weights_nodes;
  const values = runs.weights(run, sample);
  const [low, middle, high] = ["negative", "zero", "positive"].map((name) => channels(colour(name)));
  const picture = new ImageData(shown, shown);
  values.forEach((value, k) => picture.data.set([...between(low, middle, high, value / 127), 255], 4 * k));
  const small = new OffscreenCanvas(shown, shown);
  small.getContext("2d").putImageData(picture, 0, 0);
  context.imageSmoothingEnabled = false;
  context.drawImage(small, 0, 0, width, height);
  context.lineWidth = 1;
  context.strokeStyle = colour("line");
  context.strokeRect(0.5, 0.5, width - 1, height - 1);
}
