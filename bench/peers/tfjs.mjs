// TensorFlow.js with its WebGPU backend under Node, by Dawn: what the scripts beside this one share. The packages are installed by tfjs.sh.
import { fileURLToPath } from 'node:url';
import { create, globals } from 'webgpu';

Object.assign(globalThis, globals);
globalThis.WorkerGlobalScope ??= class {}; // by which the backend tells that it may use navigator.gpu
const gpu = create([]);
Object.defineProperty(globalThis, 'navigator', { value: { gpu, userAgent: 'node' }, configurable: true });

const adapter = await gpu.requestAdapter();
if (!adapter) {
    console.error('Dawn accepts no adapter of this machine');
    process.exit(1);
}
const tf = await import('@tensorflow/tfjs');
await import('@tensorflow/tfjs-backend-webgpu');
tf.env().set('WEBGPU_CPU_FORWARD', false); // small products too are the device's
await tf.setBackend('webgpu');
await tf.ready();
if (tf.getBackend() !== 'webgpu') throw new Error(`the backend is ${tf.getBackend()}, want webgpu`);

console.log(`TensorFlow.js ${tf.version.tfjs} webgpu, ${adapter.info.description || adapter.info.device}`);

// median returns the middle of a list of numbers.
const median = list => list.slice().sort((a, b) => a - b)[list.length >> 1];

// timed returns the seconds that a step takes, the median of rounds of so many steps. A round ends when one element of the last step's result is read.
async function timed(step, steps, rounds) {
    const took = [];
    for (let r = 0; r <= rounds; r++) { // the first warms up
        const start = performance.now();
        let last;
        for (let s = 0; s < steps; s++) {
            last?.dispose();
            last = step();
        }
        const one = tf.tidy(() => last.flatten().slice([0], [1]));
        await one.data();
        tf.dispose([one, last]);
        if (r > 0) took.push((performance.now() - start) / 1e3 / steps);
    }
    return median(took);
}

export { tf, timed };

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exit(0); // asked by itself, it tells whether it can run
