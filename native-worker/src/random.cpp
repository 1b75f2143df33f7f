#include "random.h"

random_source random_init(uint64_t seed) {
    random_source source = { seed };
    random_next(source);
    return source;
}

uint64_t random_next(random_source & source) {
    source.state += 0x9e3779b97f4a7c15ull;
    uint64_t z = source.state;
    z          = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z          = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return z ^ (z >> 31);
}

float random_uniform(random_source & source) {
    return (float) (random_next(source) >> 40) * (1.0f / 16777216.0f);
}

uint64_t random_below(random_source & source, uint64_t n) {
    return (uint64_t) (((unsigned __int128) random_next(source) * n) >> 64);
}

uint64_t random_hash(const void * data, size_t size, uint64_t start) {
    const unsigned char * bytes = (const unsigned char *) data;
    uint64_t              hash  = start;
    for (size_t i = 0; i < size; i++) {
        hash = (hash ^ bytes[i]) * 0x100000001b3ull;
    }
    return hash;
}

uint64_t random_hash(const std::string & text) {
    return random_hash(text.data(), text.size(), 0xcbf29ce484222325ull);
}
