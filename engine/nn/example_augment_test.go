package nn_test

import (
	"fmt"

	"github.com/gradus-ml/gradus/engine/nn"
)

// Layers that augment images stand behind the input; they change nothing but training steps.
func ExampleRandomFlip() {
	net := nn.Sequential(
		nn.Input(32, 32, 3),
		nn.RandomFlip(nn.Horizontal),
		nn.RandomTranslation(0.1, 0.1),
		nn.RandomCrop(28, 28),
		nn.Cutout(8),
		nn.Flatten(),
		nn.Dense(10, nn.Softmax),
	)
	for _, l := range net.Layers()[:4] {
		fmt.Println(l.Name, l.Out)
	}
	// Output:
	// random_flip [32 32 3]
	// random_translation [32 32 3]
	// random_crop [28 28 3]
	// cutout [28 28 3]
}
