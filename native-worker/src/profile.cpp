#include "profile.h"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>
#include <string>

namespace {

struct profile_entry {
    int64_t n_call      = 0;
    int64_t nanoseconds = 0;
};

std::mutex                             profile_mutex;
std::map<std::string, profile_entry> & entries() {
    static std::map<std::string, profile_entry> all;
    return all;
}

} // namespace

bool profile_enabled() {
    static const bool enabled = getenv("KEEPSAKE_PROFILE") != nullptr;
    return enabled;
}

int64_t profile_now() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

void profile_add(const char * name, int64_t nanoseconds) {
    const std::lock_guard<std::mutex> lock(profile_mutex);
    profile_entry &                   entry = entries()[name];
    entry.n_call++;
    entry.nanoseconds += nanoseconds;
}

void profile_print() {
    if (!profile_enabled()) {
        return;
    }
    int64_t total = 0;
    for (const auto & item : entries()) {
        total += item.second.nanoseconds;
    }
    for (const auto & item : entries()) {
        fprintf(stderr, "profile: %-16s %8lld calls %10.1f ms %5.1f %%\n", item.first.c_str(),
                (long long) item.second.n_call, item.second.nanoseconds / 1e6,
                total ? 100.0 * item.second.nanoseconds / total : 0.0);
    }
}
