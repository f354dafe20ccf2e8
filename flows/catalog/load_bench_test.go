package catalog

import "testing"

// BenchmarkLoad is what every start and every test of a front end pays.
func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := Load(""); err != nil {
			b.Fatal(err)
		}
	}
}
