// Package graph records a step of a network as a list of operations and derives the gradients.
//
// A Recorder offers tensors; functions such as MatMul take tensors, append operations to the recording, and note how
// gradients flow back. Backward appends the operations of the gradients. Compile hands the list to the device.
// A function that meets a mistake notes it and returns a tensor of the right shape, so that a
// layer need not check after each call: Err and Compile report the first.
package graph

import "github.com/gradus-ml/gradus/engine/backend"

// A Tensor is a value of the recorded step. Its first axis counts the examples of the batch, except for variables.
type Tensor struct {
	shape []int
	*node
}

// node is what a tensor shares with its reshaped views.
type node struct {
	value  backend.Region
	needs  bool           // a gradient is wanted
	fixed  backend.Region // where the gradient must go: the arena's place, for a trainable variable
	grad   backend.Region // where the gradient is, once something has contributed
	uses   int            // functions that take the tensor: so many parts its gradient has, at most
	logits *Tensor        // what a Softmax was applied to
}

// Shape returns the axes, the batch first. The caller must not change it.
func (t *Tensor) Shape() []int { return t.shape }

// Size returns the number of elements.
func (t *Tensor) Size() int { return Size(t.shape) }

// Value returns where the tensor's elements are.
func (t *Tensor) Value() backend.Region { return t.value }

// Grad returns where the gradient of the recorded loss with respect to the tensor is, after Backward.
func (t *Tensor) Grad() (grad backend.Region, ok bool) { return t.grad, t.grad.Buffer != nil }

// Logits returns the scores behind the probabilities of a Softmax. ok is false for any other tensor.
func (t *Tensor) Logits() (scores *Tensor, ok bool) { return t.logits, t.logits != nil }

// matrix views the shape as rows of the last axis.
func (t *Tensor) matrix() (rows, cols int) {
	if len(t.shape) == 0 {
		return 1, 1
	}
	cols = t.shape[len(t.shape)-1]
	return t.Size() / cols, cols
}
