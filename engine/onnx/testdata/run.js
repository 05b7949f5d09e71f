// Runs networks in onnxruntime. Standard input is a list of {model: file, inputs: {name: {dims, data}}}; standard output the list of what each
// gives: {name: {dims, data}}, or {error}. It is found through NODE_PATH.
const ort = require('onnxruntime-node');

async function run(job) {
  const session = await ort.InferenceSession.create(job.model, {logSeverityLevel: 3, intraOpNumThreads: 1, interOpNumThreads: 1});
  const feeds = {};
  for (const [name, t] of Object.entries(job.inputs)) feeds[name] = new ort.Tensor('float32', Float32Array.from(t.data), t.dims);
  const results = await session.run(feeds);
  const outputs = {};
  for (const [name, t] of Object.entries(results)) outputs[name] = {dims: Array.from(t.dims), data: Array.from(t.data)};
  return outputs;
}

async function main() {
  const jobs = JSON.parse(require('fs').readFileSync(0, 'utf8'));
  const results = [];
  for (const job of jobs) results.push(await run(job).catch(e => ({error: String(e)})));
  process.stdout.write(JSON.stringify(results));
}

main();
