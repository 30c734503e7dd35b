// The recorded runs: what examples/interactive/page.py has packed.

/** Unpack all runs. */
async function unpacked() {
  const about = JSON.parse(document.getElementById("about").textContent);
  const text = atob(document.getElementById("runs").textContent);
  const zipped = Uint8Array.from(text, (character) => character.charCodeAt(0));
  const stream = new Blob([zipped]).stream().pipeThrough(new DecompressionStream("gzip"));
  const bytes = await new Response(stream).arrayBuffer();

  const count = about.coupling.length * about.phase_lag.length * about.gain.length;
  const samples = about.time.length;
  const nodes = about.nodes;
  const shown = about.weights_nodes;
  const pictures = about.weights_time.length;
  const size = shown * shown;
  const littleEndian = new DataView(bytes);
  const thousandths = (start, run, sample) => littleEndian.getUint16(start + 2 * (run * samples + sample), true) / 1000;

  const phases = new Uint8Array(bytes, 4 * count * samples, count * nodes * samples);
  for (let first = 0; first < phases.length; first += samples) {
    for (let k = 1; k < samples; k += 1) phases[first + k] += phases[first + k - 1]; // modulo 256, as they were stored
  }
  const weights = new Int8Array(bytes, 4 * count * samples + phases.length, count * pictures * size);

  return {
    about,
    /** Which run belongs to positions of the sliders. */
    at: ([coupling, lag, gain]) => (coupling * about.phase_lag.length + lag) * about.gain.length + gain,
    order: (run, sample) => thousandths(0, run, sample),
    amplitude: (run, sample) => thousandths(2 * count * samples, run, sample),
    /** Phase of a node [rad] at a sample, which may lie between two: then by the short way round. */
    phase(run, node, sample) {
      const first = (run * nodes + node) * samples + Math.floor(sample);
      const part = sample - Math.floor(sample);
      const step = part > 0 ? ((phases[first + 1] - phases[first] + 384) & 255) - 128 : 0;
      return ((phases[first] + part * step) * Math.PI) / 128;
    },
    /** The last picture of the weights at a sample, in 127ths of 1/n: row by row. */
    weights(run, sample) {
      const time = about.time[Math.floor(sample)];
      const picture = about.weights_time.findLastIndex((taken) => taken <= time + 1e-6);
      return weights.subarray((run * pictures + picture) * size, (run * pictures + picture + 1) * size);
    },
  };
}
