// Has Tint, in Dawn's npm package webgpu, check shaders, without a GPU. The argument is the package's folder; standard input is a JSON list of
// {name, source, bindings: [buffer binding type …]}. Prints a line for each error; exits with 1 if there are any.
import { pathToFileURL } from 'node:url';
import { readFileSync } from 'node:fs';

const { create, globals } = await import(pathToFileURL(process.argv[2] + '/index.js'));
Object.assign(globalThis, globals);
globalThis.gpu = create(['backend=null']); // kept: without it the rest crashes
globalThis.adapter = await gpu.requestAdapter();
const device = await adapter.requestDevice();
let errors = 0;
const complain = (name, text) => { errors++; console.log(`${name}: ${text}`); };

for (const { name, source, bindings } of JSON.parse(readFileSync(0, 'utf8'))) {
  device.pushErrorScope('validation');
  const module = device.createShaderModule({ code: source });
  const { messages } = await module.getCompilationInfo();
  for (const m of messages) if (m.type === 'error') complain(name, `${m.lineNum}:${m.linePos}: ${m.message}`);
  const group = device.createBindGroupLayout({
    entries: bindings.map((type, binding) => ({ binding, visibility: GPUShaderStage.COMPUTE, buffer: { type } })),
  });
  device.createComputePipeline({
    layout: device.createPipelineLayout({ bindGroupLayouts: [group] }),
    compute: { module, entryPoint: 'main' },
  });
  const error = await device.popErrorScope();
  if (error) complain(name, error.message);
}
process.exit(errors > 0 ? 1 : 0);
