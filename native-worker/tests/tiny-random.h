#pragma once

// A small random generator whose numbers are the same with every standard library.

#include <cmath>
#include <cstdint>

class tiny_random {
public:
    explicit tiny_random(uint64_t seed) : state(seed * 0x9E3779B97F4A7C15ull + 0x1234567ull) {}

    uint64_t next() {
        uint64_t z = (state += 0x9E3779B97F4A7C15ull);
        z          = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
        z          = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
        return z ^ (z >> 31);
    }

    // In [0, n).
    uint64_t below(uint64_t n) { return next() % n; }

    // In (0, 1).
    double uniform() { return ((double) (next() >> 11) + 0.5) / 9007199254740992.0; }

    // Standard normal.
    float normal() {
        const double radius = std::sqrt(-2.0 * std::log(uniform()));
        return (float) (radius * std::cos(6.283185307179586 * uniform()));
    }

private:
    uint64_t state;
};
