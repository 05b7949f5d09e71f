package main

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// named is a fault that somebody makes: in the first file of the pattern that has the text, its first occurrence is replaced.
type named struct{ file, what, from, to string }

// list has faults of every kernel in WGSL and of what the CPU does in Go, for every operation. A text that is in none of its files ends the run: the
// list has to follow the kernels.
var list = []named{
	{"shaders/accumulate.wgsl", "overwrites", "y[i] + x[i]", "x[i]"},
	{"shaders/accuracy.wgsl", "ties go to the later", "c < label", "c > label"},
	{"shaders/accuracy.wgsl", "one too few", "counted[at] < params.k)", "counted[at] <= params.k)"},
	{"shaders/accuracy.wgsl", "NaN counts as a miss of nobody", "better = better + params.k", "better = better + 0u"},
	{"shaders/activation.wgsl", "wrong constant of erf", "1.48851587", "1.49851587"},
	{"shaders/activation.wgsl", "wrong constant of GELU", "0.044715", "0.04715"},
	{"shaders/activation_grad.wgsl", "wrong constant of GELU's slope", "0.134145", "0.0134145"},
	{"shaders/activation_grad.wgsl", "sign of a slope", "1.0 - gap + v", "1.0 + gap + v"},
	{"shaders/activation_grad.wgsl", "slope at the threshold", "v <= params.gamma", "v < params.gamma"},
	{"shaders/adaptive.wgsl", "momentum not moved", "m[i] + rest1 * (g - m[i])", "m[i] + rest1 * g"},
	{"shaders/adaptive.wgsl", "epsilon inside the root", "(sqrt(move_v(i, g)) + params.epsilon); }", "sqrt(move_v(i, g) + params.epsilon); }"},
	{"shaders/adaptive.wgsl", "decay left out", "r.decay * w[i] + step", "step"},
	{"shaders/adaptive.wgsl", "wrong column of rates", "rates[row + 4u]", "rates[row + 3u]"},
	{"shaders/adaptive.wgsl", "clock past the table", "min(clock[0], params.last_step)", "clock[0]"},
	{"shaders/adaptive_third.wgsl", "AMSGrad without its maximum", "max(u[i], v[i])", "v[i]"},
	{"shaders/adaptive_third.wgsl", "factor of the next block", "i / BLOCK * 2u", "(i + BLOCK / 2u) / BLOCK * 2u"},
	{"shaders/advance.wgsl", "clock stands", "clock[0] + params.step", "clock[0]"},
	{"shaders/argmax.wgsl", "the later of two", "column[other] < column[to]", "column[other] > column[to]"},
	{"shaders/argmax.wgsl", "NaN is nobody's", "found + u32(is_nan(x[first + c]))", "found"},
	{"shaders/augment.wgsl", "rows turned for columns", "params.flips & 2u) != 0u", "params.flips & 1u) != 0u"},
	{"shaders/augment.wgsl", "off by one at the cut's edge", "i < top + cut", "i <= top + cut"},
	{"shaders/average.wgsl", "sign", "alpha * (x[i] - y[i])", "alpha * (x[i] + y[i])"},
	{"shaders/batchnorm.wgsl", "unbiased variance", "let variance = sum_lanes(at, own) / f32(params.rows);", "let variance = sum_lanes(at, own) / f32(max(params.rows, 2u) - 1u);"},
	{"shaders/batchnorm.wgsl", "momentum's sign", "1.0 - params.momentum", "1.0 + params.momentum"},
	{"shaders/batchnorm.wgsl", "averages swapped", "moving_mean[c] = params.momentum * moving_mean[c] + take * mu", "moving_mean[c] = take * moving_mean[c] + params.momentum * mu"},
	{"shaders/batchnorm.wgsl", "epsilon left out", "sqrt(variance + params.epsilon)", "sqrt(variance)"},
	{"shaders/batchnorm_grad.wgsl", "swapped results", "dbeta[c] = sums.x", "dbeta[c] = sums.y"},
	{"shaders/batchnorm_grad.wgsl", "a term left out", " - normal * average.y", ""},
	{"shaders/batchnorm_inference.wgsl", "index of a row", "let c = i % params.cols;", "let c = i / params.cols % params.cols;"},
	{"shaders/batchnorm_inference_grad.wgsl", "epsilon left out", "moving_variance[c] + params.epsilon", "moving_variance[c]"},
	{"shaders/bias.wgsl", "wrong index", "i % params.cols", "i / params.cols"},
	{"shaders/bias_grad.wgsl", "the first rows left out", "var r = local.y; r < params.rows", "var r = local.y + 1u; r < params.rows"},
	{"shaders/blend.wgsl", "swapped factors", "params.alpha * x[i] + params.beta * y[i]", "params.beta * x[i] + params.alpha * y[i]"},
	{"shaders/categorical_hinge.wgsl", "no hinge", "max(0.0, 1.0 + wrong[at] - right[at])", "1.0 + wrong[at] - right[at]"},
	{"shaders/categorical_hinge_grad.wgsl", "the wrong column", "f32(c == column[head])", "f32(c == 0u)"},
	{"shaders/clip_norm.wgsl", "limit of the square", "sqrt(total) > params.limit", "total > params.limit"},
	{"shaders/clip_value.wgsl", "one side", "clamp(g, Value(-params.limit), Value(params.limit))", "min(g, Value(params.limit))"},
	{"shaders/clip_norm.wgsl", "what is clipped is not kept", "sqrt(total));\n        grads[i] = g;", "sqrt(total));"},
	{"shaders/clip_value.wgsl", "NaN lost", "select(within, g, nan)", "select(within, within, nan)"},
	{"shaders/clip_value.wgsl", "what is clipped is not kept", "    grads[i] = result;\n", ""},
	{"shaders/sgd_clipped.wgsl", "the other way to clip", "if (BY_NORM) {", "if (!BY_NORM) {"},
	{"shaders/sgd_momentum_clipped.wgsl", "updated by what is not clipped", "roll(i, clipped(i), r);", "let g = grads[i];\n        clipped(i);\n        roll(i, g, r);"},
	{"shaders/adaptive_clipped.wgsl", "always by value", "    if (BY_NORM) { return scaled(i); }\n", ""},
	{"shaders/adaptive_third_clipped.wgsl", "updated by what is not clipped", "adapt_third(i, held(i), r);", "let g = grads[i];\n        held(i);\n        adapt_third(i, g, r);"},
	{"shaders/columns.wgsl", "off by one column", "c >= params.column + params.cols", "c > params.column + params.cols"},
	{"shaders/columns.wgsl", "wrong row length", "i / params.cols * params.wide", "i / params.cols * params.cols"},
	{"shaders/combine.wgsl", "swapped weights", "params.weight_a * u + params.weight_b * v", "params.weight_b * u + params.weight_a * v"},
	{"shaders/combine.wgsl", "NaN lost", "if (is_nan(v)) { return v; }", ""},
	{"shaders/combine_grad.wgsl", "equals go to the second", "f32(u >= v)", "f32(u > v)"},
	{"shaders/constraint.wgsl", "no square root", "let norm = sqrt(sum_lanes(local.y * COLS + local.x, own));", "let norm = sum_lanes(local.y * COLS + local.x, own);"},
	{"shaders/crossentropy.wgsl", "missing max shift", "own + exp(x[first + c] - highest)", "own + exp(x[first + c])"},
	{"shaders/crossentropy.wgsl", "wrong label", "x[first + label]", "x[first]"},
	{"shaders/crossentropy_grad.wgsl", "weight left out", " - target_share) * weight", " - target_share)"},
	{"shaders/fill.wgsl", "the last element left out", "i < params.n", "i + 1u < params.n"},
	{"shaders/gather_f32.wgsl", "order past its end", "params.last_position)", "params.last_position + 1u)"},
	{"shaders/gather_f32.wgsl", "examples past their end", "min(order[position], params.last_example)", "order[position]"},
	{"shaders/gather_u8.wgsl", "bytes of a word turned round", "8u * (at % 4u)", "24u - 8u * (at % 4u)"},
	{"shaders/gather_labels.wgsl", "first left out", "params.first + i", "i"},
	{"shaders/layernorm.wgsl", "scale of the first column", "scale * gamma[c]", "scale * gamma[0]"},
	{"shaders/layernorm_grad.wgsl", "RMS subtracts the mean", "average = 0.0;", ""},
	{"shaders/layernorm_scale_grad.wgsl", "not centred", "(x[i] - mean[r])", "x[i]"},
	{"shaders/log_softmax.wgsl", "missing max shift", "own + exp(x[first + c] - highest)", "own + exp(x[first + c])"},
	{"shaders/log_softmax_grad.wgsl", "no exponential", "exp(min(y[first + c], 0.0)) * sum", "y[first + c] * sum"},
	{"shaders/matmul_plain_bias_activation.wgsl", "a bias of the row", "bias[j]", "bias[i]"},
	{"shaders/matmul_bias_activation.wgsl", "an element past the edge", "j + f < params.n", "j < params.n"},
	{"shaders/matmul_vector_bias_activation.wgsl", "what is kept has no bias", "pre[at] = z", "pre[at] = v"},
	{"shaders/matmul_direct_bias_activation.wgsl", "half a tile is activated", "i0 + HIGH", "i0 + HIGH / 2u"},
	{"shaders/matmul_direct_odd_bias_activation.wgsl", "half a tile is activated", "i0 + HIGH", "i0 + HIGH / 2u"},
	{"shaders/matmul_plain.wgsl", "swapped factors", "a_at(i, k) * b_at(k, j)", "a_at(k, i) * b_at(k, j)"},
	{"shaders/matmul_plain.wgsl", "the last product left out", "k < params.k;", "k + 1u < params.k;"},
	{"shaders/matmul.wgsl", "a product past the depth", "!TRANSPOSE_A && k + f < params.k", "!TRANSPOSE_A && k + f <= params.k"},
	{"shaders/matmul.wgsl", "a column past the edge", "j + f < params.n", "j < params.n"},
	{"shaders/matmul.wgsl", "a row past the edge", "b[min(i + e, params.n - 1u) * params.k + k + f]", "b[min(i, params.n - 1u) * params.k + k + f]"},
	{"shaders/matmul_vector.wgsl", "the same block again", "start + DEPTH * SLICES + k1", "start + k1"},
	{"shaders/matmul_vector.wgsl", "written where nobody reads", "SIDE + mixed(place.x, place.y)", "SIDE + place.x"},
	{"shaders/matmul_direct.wgsl", "the rest of the depth left out", "var k = whole; k < params.k", "var k = whole; k < whole"},
	{"shaders/matmul_direct.wgsl", "a row past the edge", "min(i + 3u, last)", "min(i + 2u, last)"},
	{"shaders/matmul_direct_odd.wgsl", "a row past the edge", "left(i0 + r, k)", "left(i0, k)"},
	{"shaders/matmul_vector.wgsl", "a slice of the depth left out", "var slice = 1u; slice < SLICES", "var slice = 2u; slice < SLICES"},
	{"shaders/matmul_vector.wgsl", "a column of the wrong thread", "store(i + 4u * down + r, j + 4u * across,", "store(i + 4u * across + r, j + 4u * down,"},
	{"shaders/noise.wgsl", "the wrong word", "disturb(4u * block + 1u, words.y", "disturb(4u * block + 1u, words.x"},
	{"shaders/noise.wgsl", "a round less", "ROUNDS: u32 = 10u", "ROUNDS: u32 = 9u"},
	{"shaders/one_hot.wgsl", "first left out", "params.first + i % params.cols", "i % params.cols"},
	{"shaders/pair_loss.wgsl", "share left out", " * params.share", ""},
	{"shaders/pair_loss_grad.wgsl", "gradient of the wrong example", "dlosses[i / params.cols]", "dlosses[i % params.cols]"},
	{"shaders/penalty.wgsl", "no absolute value", "params.l1 * abs(x[i])", "params.l1 * x[i]"},
	{"shaders/penalty.wgsl", "one chain only", "own = own + (", "own = ("},
	{"shaders/penalty_grad.wgsl", "factor 2 left out", "2.0 * params.l2", "params.l2"},
	{"shaders/prelu.wgsl", "slope of the wrong column", "i / params.inner % params.cols", "i % params.cols"},
	{"shaders/prelu_grad.wgsl", "NaN lost", "if (is_nan(v)) { d = v; }", ""},
	{"shaders/prelu_alpha_grad.wgsl", "the other half", "v <= 0.0", "v >= 0.0"},
	{"shaders/rescale.wgsl", "no stride", "first + k * stride;", "first + k;"},
	{"shaders/rescale.wgsl", "limit of the norm, not of the ratio", "params.limit * max(other, params.epsilon)", "params.limit * max(norm, params.epsilon)"},
	{"shaders/rrelu.wgsl", "step ignored", "draw(block, clock[0])", "draw(block, 0u)"},
	{"shaders/rrelu_grad.wgsl", "other words than forward", "backward(4u * block, words.x)", "backward(4u * block, words.w)"},
	{"shaders/score_counts.wgsl", "on the threshold", "v > thresholds[b]", "v >= thresholds[b]"},
	{"shaders/sgd.wgsl", "ascends", "weights[i] = w - (", "weights[i] = w + ("},
	{"shaders/sgd_momentum.wgsl", "momentum's sign", "r.y * velocity[i] - change", "-r.y * velocity[i] - change"},
	{"shaders/sgd_momentum.wgsl", "Nesterov looks back", "step = r.y * v - change", "step = r.y * v + change"},
	{"shaders/softmax.wgsl", "missing max shift", "own + exp(x[first + c] - highest)", "own + exp(x[first + c])"},
	{"shaders/softmax.wgsl", "row past the end", "min(row, params.rows - 1u)", "min(row, params.rows)"},
	{"shaders/softmax_grad.wgsl", "sum left out", "dy[first + c] - sum", "dy[first + c]"},
	{"shaders/status.wgsl", "a submission is not counted", "done[slot] + 1u", "done[slot]"},
	{"shaders/tally.wgsl", "wrong row of the ledger", "clock[0] * params.columns", "clock[0] * params.width"},
	{"shaders/tally.wgsl", "past the ledger", "clock[0] < params.steps", "clock[0] <= params.steps"},
	{"shaders/tally_advance.wgsl", "swapped columns", "params.column_x] = sums.x", "params.column_x] = sums.y"},
	{"shaders/transpose.wgsl", "not transposed", "first + r * params.cols + c", "first + c * params.rows + r"},
	{"shaders/matmul_direct_unfold.wgsl", "the first thread's part left out", "var total = parts[row * THREADS];", "var total = parts[row * THREADS + 1u];"},
	{"shaders/matmul_direct_unfold.wgsl", "a row past the edge is added", "inside && i0 + r < params.m", "i0 + r < params.m"},
	{"shaders/crossentropy_accuracy_bias_grad.wgsl", "rows of the first block alone", "r < params.rows && column", "r < ROWS && column"},
	{"shaders/gather_u8_batchnorm_normal.wgsl", "rows past the last spread too", "if (local.y + h * LANES < params.rows) { own = own + d * d; }", "own = own + d * d;"},
	{"shaders/gather_f32_batchnorm_normal.wgsl", "the next vector", "return data[at];", "return data[at + 1u];"},
	{"shaders/unfold.wgsl", "swapped weights", "scale * p + shift * s", "shift * p + scale * s"},
	{"shaders/batchnorm_activation_bias_grad.wgsl", "a slope left out", "average.y) * slope(v)", "average.y)"},
	{"shaders/batchnorm_normal.wgsl", "what is kept is not scaled", "normal[r * params.cols + c] = v", "normal[r * params.cols + c] = v / scale"},
	{"shaders/bias_activation_batchnorm.wgsl", "swapped weights", "weights[params.bias_at + c], inside", "weights[params.beta_at + c], inside"},
	{"shaders/gather_f32_labels.wgsl", "label of another example", "labels[example]", "labels[row]"},
	{"shaders/gather_u8_labels.wgsl", "label of another example", "labels[example]", "labels[row]"},
	{"shaders/bias_activation.wgsl", "activation of what has no bias", "activated(v)", "activated(x[i])"},
	{"shaders/crossentropy_accuracy_grad.wgsl", "ties go to the later", "c < label", "c > label"},

	{"shaders/activation_batchnorm_grad.wgsl", "swapped results", "grads[params.dbeta + c] = sums.x", "grads[params.dbeta + c] = sums.y"},
	{"shaders/activation_batchnorm_grad.wgsl", "slope left out", "da[i] * slope(v)", "da[i]"},
	{"shaders/activation_bias_grad.wgsl", "slope left out of the sum", "own = own + d;", "own = own + dy[i];"},
	{"shaders/batchnorm_activation.wgsl", "activation of what has no norm", "activated(v)", "activated(x[r * params.cols + c])"},
	{"shaders/batchnorm_activation.wgsl", "what is kept is activated", "    y[r * params.cols + c] = v;", "    y[r * params.cols + c] = activated(v);"},
	{"shaders/matmul.wgsl", "a product past the depth, of b", "TRANSPOSE_B && k + f < params.k) { block[e][f] = b[min", "TRANSPOSE_B && k + f <= params.k) { block[e][f] = b[min"},
	{"shaders/peak.wgsl", "signed", " & 0x7fffffffu);", ");"},
	{"shaders/peak.wgsl", "forgets", "bitcast<f32>(max(part[local.x], bitcast<u32>(peak[c])))", "bitcast<f32>(part[local.x])"},

	{"cpu/peak.go", "NaN lost", " || v != v", ""},
	{"cpu/accumulate.go", "overwrites", "part[i] += v", "part[i] = v"},
	{"cpu/accuracy.go", "one too few", "better < k", "better <= k"},
	{"cpu/activation.go", "wrong constant of SELU", "seluScale = 1.05070098", "seluScale = 1.0507"},
	{"cpu/adaptive.go", "epsilon inside the root", "root(r.c*v[i]) + e", "root(r.c*v[i] + e)"},
	{"cpu/adaptive.go", "Adadelta's roots swapped", "root(m[i]+e) / root(v[i]+e)", "root(v[i]+e) / root(m[i]+e)"},
	{"cpu/adaptive.go", "sign of Lion", "r.a*sign(", "r.a*-sign("},
	{"cpu/advance.go", "two steps at once", "++", "+= 2"},
	{"cpu/argmax.go", "the later of two", "v > x[best]", "v >= x[best]"},
	{"cpu/augment.go", "channels of the wrong pixel", "(row*o.Cols+col)*n", "(row*o.Cols+j)*n"},
	{"cpu/average.go", "sign", "alpha * (v - part[i])", "alpha * (v + part[i])"},
	{"cpu/batchnorm.go", "unbiased variance", "v[c] /= float64(rows)", "v[c] /= max(1, float64(rows)-1)"},
	{"cpu/batchnorm.go", "averages swapped", "momentum*float64(movingMean[i]) + (1-momentum)*m[c]", "(1-momentum)*float64(movingMean[i]) + momentum*m[c]"},
	{"cpu/batchnorm.go", "a term left out", "-float64(scaled)*g[c-from]", "+0*float64(scaled)*g[c-from]"},
	{"cpu/bias.go", "the wrong column", "out[c] = in[c] + v", "out[c] = in[0] + v"},
	{"cpu/blend.go", "swapped factors", "float32(alpha*v) + float32(beta*part[i])", "float32(beta*v) + float32(alpha*part[i])"},
	{"cpu/categorical_hinge.go", "sign", "1+most-right", "1-most+right"},
	{"cpu/clip.go", "one side", "min(max(g, -limit), limit)", "min(g, limit)"},
	{"cpu/clip.go", "NaN clips nothing", "factor != 1", "factor < 1"},
	{"cpu/sweep.go", "the rest left out", "from < to; from += resident", "from+resident <= to; from += resident"},
	{"cpu/sweep.go", "the update first", "s.run(from, end)\n\t\t\tnext.run(from, end)", "next.run(from, end)\n\t\t\ts.run(from, end)"},
	{"engine/backend/match/clipped_update.go", "whatever is in between", "Gathers(list, i, u.UpdateIndex) && ", ""},
	{"engine/backend/match/clipped_update.go", "squares among what is written", " && backend.CheckOperands(\"clipped update\", u.Operands()) == nil", ""},
	{"engine/backend/match/clipped_update.go", "some of the gradients", "return o.Grads == c.Grads && o.N == c.N\n\tcase", "return o.Grads.Buffer == c.Grads.Buffer\n\tcase"},
	{"cpu/fuse.go", "clipped apart", "clipAndUpdate(list, i, fused)", ""},
	{"cpu/columns.go", "zeros left out", "clear(row)", ""},
	{"cpu/combine.go", "the first's slope", "if o.Second {", "if !o.Second {"},
	{"cpu/constraint.go", "limit turned round", "float64(o.Limit)/norm", "norm/float64(o.Limit)"},
	{"cpu/crossentropy.go", "missing max shift", "float64(slices.Max(x))", "0*float64(slices.Max(x))"},
	{"cpu/crossentropy.go", "the target's share left out", "row[label]--", ""},
	{"cpu/gather.go", "order past its end", "len(p.order)-1)", "len(p.order))"},
	{"cpu/gather.go", "scale left out", "row[c] = v * o.Scale", "row[c] = v"},
	{"cpu/layernorm.go", "epsilon left out", "+float64(epsilon)", ""},
	{"cpu/layernorm.go", "RMS subtracts the mean", "sum = 0", "sum += 0"},
	{"cpu/log_softmax.go", "missing max shift", "math.Exp(float64(v) - highest)", "math.Exp(float64(v))"},
	{"cpu/matmul.go", "transposed as it is not", "if o.TransposeA {", "if !o.TransposeA {"},
	{"cpu/matmul.go", "off by one at the tile's edge", "min(cols, s.n-col)", "min(cols, s.n-col+1)"},
	{"cpu/noise.go", "kept and dropped swapped", "words[i] >= threshold", "words[i] < threshold"},
	{"cpu/noise.go", "sine and cosine swapped", "r*cos, r*sin", "r*sin, r*cos"},
	{"cpu/one_hot.go", "off by one class", "c < o.Cols", "c < o.Cols-1"},
	{"cpu/pair_loss.go", "half of delta left out", "delta * (a - delta/2)", "delta * (a - delta)"},
	{"cpu/penalty.go", "one block only", "total += v", "total = v"},
	{"cpu/penalty.go", "L1 of squares", "if l1 != 0 {", "if l1 > 1 {"},
	{"cpu/prelu.go", "slope of the wrong column", "alpha[block%o.Cols]\n\t\t\tfor", "alpha[0]\n\t\t\tfor"},
	{"cpu/rescale.go", "neighbours that are none", "b[0] == a[0]+1", "b[0] >= a[0]+1"},
	{"cpu/rrelu.go", "positive too", "if !(v > 0) {", "if v == v {"},
	{"cpu/score_counts.go", "targets turned round", "t[i] > 0.5", "t[i] < 0.5"},
	{"cpu/sgd.go", "momentum's sign", "d.momentum*velocity[i] - d.rate*g", "-d.momentum*velocity[i] - d.rate*g"},
	{"cpu/sgd.go", "factors of the next block", "block := from / ops.Block", "block := (from + ops.Block/2) / ops.Block"},
	{"cpu/softmax.go", "missing max shift", "out[c] = v - highest", "out[c] = v - 0*highest"},
	{"cpu/softmax.go", "sum left out", "float64(up[c])-dot", "float64(up[c])"},
	{"cpu/sum.go", "no square", "float64(v) * float64(v)", "float64(v)"},
	{"cpu/sum.go", "the last lane left out", "sums[half : 2*half]", "sums[half : 2*half-half/8]"},
	{"cpu/tally.go", "past the ledger", "step >= o.Steps", "step > o.Steps"},
	{"cpu/transpose.go", "few columns are read as rows", "src[i*stride+j]", "src[j*stride+i]"},
	{"cpu/transpose.go", "the last rows left out", "if rows%8 != 0 {", "if rows%8 > 4 {"},
	{"cpu/matmul_panels.go", "the first panel for all", "p.turnPanel(panel, turned*w.cols)", "p.turnPanel(panel, 0)"},
	{"cpu/matmul_panels.go", "the first bias for all", "bias = p.bias[col:]", "bias = p.bias"},
	{"cpu/matmul.go", "each part writes to the first rows", "b, c[from*s.ldc:], bias, 0, s.tiles(set))", "b, c, bias, 0, s.tiles(set))"},
	{"cpu/matmul.go", "exchanged where it is to add", " && !p.onto && saved", " && saved"},
	{"cpu/blas_workers.go", "transposed alike", "plan{s, f.a.row, f.a.step,", "plan{s, 0, 0,"},
	{"cpu/blas_workers.go", "scaled once", "addScaled(x, p.sum, c, s.n, s.ldc)", "addScaled(scaling{x.alpha, 0}, p.sum, c, s.n, s.ldc)"},
	{"cpu/transpose_batch.go", "not transposed", "matrix+r*o.Cols+c", "matrix+c*o.Rows+r"},
	{"cpu/pool.go", "helpers begin where the caller does", "part = j.parts - int(j.last.Add(1))", "part = int(j.last.Add(1)) - 1"},
	{"cpu/matmul_blocks.go", "every row of a panel the first", "b.b.data[(k+i)*b.b.row+col:]", "b.b.data[k*b.b.row+col:]"},
	{"cpu/matmul_blocks.go", "the columns of the first panel", "k*b.b.row+first*b.b.step", "k*b.b.row+col*b.b.step"},
	{"cpu/pool.go", "the last part left out", "for part := range j.parts {", "for part := range max(1, j.parts-1) {"},
	{"cpu/fuse.go", "not fused", "productAndBias(list, i, fused)", ""},

	{"shaders/softmax.wgsl", barrier, "    part[at] = value;\n    workgroupBarrier();", "    part[at] = value;"},
	{"shaders/softmax.wgsl", barrier, "        workgroupBarrier();\n    }\n", "    }\n"},
	{"shaders/softmax.wgsl", barrier, "    let highest = part[at - at % LANES];\n    workgroupBarrier();", "    let highest = part[at - at % LANES];"},
	{"shaders/tally.wgsl", barrier, "    part[local.x] = own;\n    workgroupBarrier();", "    part[local.x] = own;"},
	{"shaders/tally.wgsl", barrier, "        workgroupBarrier();\n    }\n", "    }\n"},
	{"shaders/matmul_vector.wgsl", barrier, "i: u32, j: u32) {\n    workgroupBarrier();", "i: u32, j: u32) {"},
	{"shaders/matmul_vector.wgsl", barrier, "turned, at1);\n        workgroupBarrier();", "turned, at1);"},
	{"shaders/matmul_vector.wgsl", barrier, "        }\n        workgroupBarrier();\n    }\n", "        }\n    }\n"},
	{"shaders/batchnorm.wgsl", barrier, "    let sum = part[at % COLS];\n    workgroupBarrier();", "    let sum = part[at % COLS];"},
}

// barrier is what a fault is called that a driver which runs the threads of a workgroup in step, or one after the other up to the next barrier, may not
// show: it counts for nothing if it survives.
const barrier = "a barrier dropped"

// listed finds the faults of the list, by file.
func listed(module string, files []string) (map[string][]fault, error) {
	found, missing := map[string][]fault{}, ""
	for _, n := range list {
		file, f, err := n.in(module, files)
		if err != nil {
			return nil, err
		}
		if file == "" {
			missing += fmt.Sprintf("\n%s: %s: no %q", n.file, n.what, n.from)
		}
		found[file] = append(found[file], f)
	}
	if missing != "" {
		return nil, fmt.Errorf("list.go has faults of code that is no longer there:%s", missing)
	}
	return found, nil
}

// in finds the fault in the first file that has its text.
func (n named) in(module string, files []string) (string, fault, error) {
	for _, file := range files {
		if ok, err := path.Match(n.file, file); err != nil || !ok {
			continue
		}
		source, err := os.ReadFile(filepath.Join(module, file))
		if err != nil {
			return "", fault{}, err
		}
		if at := inCode(string(source), n.from); at >= 0 {
			return file, fault{line: 1 + strings.Count(string(source[:at]), "\n"), from: at, to: at + len(n.from), by: n.to, what: n.what}, nil
		}
	}
	return "", fault{}, nil
}

// inCode finds the first place of a text that does not begin in a comment.
func inCode(source, text string) int {
	for from := 0; ; {
		at := strings.Index(source[from:], text)
		if at < 0 {
			return -1
		}
		at += from
		if line := source[strings.LastIndex(source[:at], "\n")+1 : at]; !strings.Contains(line, "//") {
			return at
		}
		from = at + 1
	}
}
