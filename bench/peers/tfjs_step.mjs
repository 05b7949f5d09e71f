// Steps per second of the seed network in TensorFlow.js on WebGPU, as BenchmarkStep times it but for the gathering of the batch, which lies ready.
//
//     tfjs_step.mjs [batch…]
//
// 784-300-100-10 with BatchNorm on the input and after each hidden layer, ELU, SGD with momentum. Timed without reading anything back
// within a round, which is the faster way, and with Model.trainOnBatch, which reads the loss of each step.
import { tf, timed } from './tfjs.mjs';

function network() {
    const norm = o => tf.layers.batchNormalization({ momentum: 0.99, epsilon: 1e-3, ...o });
    const dense = (units, activation) => tf.layers.dense({ units, activation, kernelInitializer: 'heNormal' });
    const m = tf.sequential({ layers: [norm({ inputShape: [784] }), dense(300, 'elu'), norm(), dense(100, 'elu'), norm(), dense(10, 'softmax')] });
    m.compile({ optimizer: tf.train.momentum(0.01, 0.9), loss: 'categoricalCrossentropy' });
    return m;
}

const batches = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [32, 256];
for (const batch of batches) {
    const m = network(), x = tf.randomUniform([batch, 784]);
    const y = tf.oneHot(tf.tensor1d(Array.from({ length: batch }, (_, i) => i % 10), 'int32'), 10).toFloat();
    const loss = () => tf.metrics.categoricalCrossentropy(y, m.apply(x, { training: true })).mean();
    const queued = await timed(() => m.optimizer.minimize(loss, true), 10, 5);
    const start = performance.now();
    for (let s = 0; s < 20; s++) await m.trainOnBatch(x, y);
    const awaited = (performance.now() - start) / 1e3 / 20;
    const best = Math.min(queued, awaited);
    console.log(`batch ${batch}: ${(1 / best).toFixed(1)} steps/s, ${(best * 1e3).toFixed(2)} ms a step (queued ${(queued * 1e3).toFixed(2)}, trainOnBatch ${(awaited * 1e3).toFixed(2)})`);
    tf.dispose([x, y]);
}
process.exit(0); // Dawn's device would keep it alive
