// Time per operation, printed to stderr at the end when KEEPSAKE_PROFILE is set.
#pragma once

#include <cstdint>

bool    profile_enabled();
void    profile_add(const char * name, int64_t nanoseconds);
void    profile_print();
int64_t profile_now();

struct profile_scope {
    const char * name;
    int64_t      start;

    explicit profile_scope(const char * name) : name(name), start(profile_enabled() ? profile_now() : 0) {}
    ~profile_scope() {
        if (start) {
            profile_add(name, profile_now() - start);
        }
    }
};
