#include "fault.h"

#include <cstdlib>
#include <string>

bool fault_at(const char * name, int step) {
    static const std::string wanted = [] {
        const char * value = getenv("KEEPSAKE_WORKER_FAULT");
        return std::string(value ? value : "");
    }();
    return !wanted.empty() && wanted == std::string(name) + "@" + std::to_string(step);
}
