package engine

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// KerasNames returns what Keras's variables are called here, and "" for those that are no weights: the last two parts of a variable's path,
// without the ":0" of TensorFlow, so that "sequential/dense/kernel:0" is "dense/kernel". RMSNormalization's scale is gamma here. Left out are
// the state of generators of random numbers, the counts of Normalization layers, and the optimizer's variables.
//
// Keras numbers layers over all models of a program: dense_7 and dense_8 are dense and dense_1 here, if the model has as many layers of that name. The
// layers of the model say which names there are.
func KerasNames(names []string, variables []Variable) map[string]string {
	made, layers := map[string]string{}, map[string]bool{}
	for _, name := range names {
		made[name] = kerasName(name)
		if layer, _, ok := strings.Cut(made[name], "/"); ok {
			layers[layer] = true
		}
	}
	own := map[string]bool{}
	for _, v := range variables {
		layer, _, _ := strings.Cut(v.Name, "/")
		own[layer] = true
	}
	anew := renumber(layers, own)
	for name, short := range made {
		if layer, variable, ok := strings.Cut(short, "/"); ok && anew[layer] != "" {
			made[name] = anew[layer] + "/" + variable
		}
	}
	return made
}

// kerasName is that of one variable.
func kerasName(path string) string {
	parts := strings.Split(strings.TrimSuffix(path, ":0"), "/")
	if len(parts) < 2 || parts[0] == "optimizer" {
		return ""
	}
	layer, variable := parts[len(parts)-2], parts[len(parts)-1]
	switch {
	case layer == "seed_generator" || strings.HasPrefix(layer, "seed_generator_"):
		return ""
	case variable == "count" && strings.HasPrefix(layer, "normalization"):
		return ""
	case variable == "scale" && strings.HasPrefix(layer, "rms_normalization"):
		variable = "gamma"
	}
	return layer + "/" + variable
}

// numbered is a layer's name with a number: dense_7.
var numbered = regexp.MustCompile(`^(.*?)(?:_(\d+))?$`)

// stems sorts the layers of each stem by their numbers.
func stems(layers map[string]bool) map[string][]string {
	made := map[string][]string{}
	for layer := range layers {
		stem := numbered.FindStringSubmatch(layer)[1]
		made[stem] = append(made[stem], layer)
	}
	for _, list := range made {
		slices.SortFunc(list, func(a, b string) int { return cmp.Or(cmp.Compare(numberOf(a), numberOf(b)), cmp.Compare(a, b)) })
	}
	return made
}

func numberOf(layer string) int {
	n, _ := strconv.Atoi(numbered.FindStringSubmatch(layer)[2]) // none counts as 0
	return n
}

// renumber says which layer of the model has a layer's place among those of its stem.
func renumber(layers, own map[string]bool) map[string]string {
	made, ours := map[string]string{}, stems(own)
	for stem, list := range stems(layers) {
		if len(ours[stem]) != len(list) {
			continue
		}
		for i, layer := range list {
			made[layer] = ours[stem][i]
		}
	}
	return made
}

// called returns what the arrays of a file are called in the model.
func (o LoadOptions) called(arrays []array, variables []Variable) func(name string) string {
	var keras map[string]string
	if o.Keras {
		var names []string
		for _, a := range arrays {
			names = append(names, a.name)
		}
		keras = KerasNames(names, variables)
	}
	return func(name string) string {
		if keras != nil {
			name = keras[name]
		}
		if o.Names != nil && name != "" {
			name = o.Names(name)
		}
		return name
	}
}
