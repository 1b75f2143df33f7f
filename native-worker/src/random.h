// Random numbers that are the same on every machine: splitmix64, a pure function of its seed.
#pragma once

#include <cstdint>
#include <string>

struct random_source {
    uint64_t state;
};

random_source random_init(uint64_t seed);
uint64_t      random_next(random_source & source);
float         random_uniform(random_source & source);           // [0, 1), 24 bits
uint64_t      random_below(random_source & source, uint64_t n); // [0, n)
uint64_t      random_hash(const std::string & text);            // FNV-1a, 64 bits
uint64_t      random_hash(const void * data, size_t size, uint64_t start);
