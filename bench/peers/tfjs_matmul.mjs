// GFLOP/s of matrix products in TensorFlow.js on WebGPU, the shapes and forms of BenchmarkMatMul.
//
//     tfjs_matmul.mjs [size…]
import { tf, timed } from './tfjs.mjs';

const squares = (process.argv.length > 2 ? process.argv.slice(2) : ['512', '1024', '2048']).map(Number);
const forms = [['AB', false, false], ['AtB', true, false], ['ABt', false, true]];
const products = squares.flatMap(n => forms.map(f => [...f, n, n, n]));
products.push(['AB', false, false, 32, 300, 784], ['AtB', true, false, 784, 300, 32], ['ABt', false, true, 32, 784, 300]);
for (const [form, ta, tb, m, n, k] of products) {
    const a = tf.randomNormal(ta ? [k, m] : [m, k]), b = tf.randomNormal(tb ? [n, k] : [k, n]);
    const steps = Math.max(1, Math.min(64, Math.round(3e8 / (m * n * k))));
    const seconds = await timed(() => tf.matMul(a, b, ta, tb), steps, 5);
    console.log(`matmul ${form} ${m}x${n}x${k}: ${(2 * m * n * k / seconds / 1e9).toFixed(2)} GFLOP/s, ${(seconds * 1e3).toFixed(3)} ms`);
    tf.dispose([a, b]);
}
process.exit(0); // Dawn's device would keep it alive
