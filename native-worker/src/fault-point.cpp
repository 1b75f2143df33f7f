#include "fault-point.h"

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <string>
#include <unistd.h>

namespace {

struct wanted_fault {
    std::string action;
    std::string name;
    int         turn = 1;
};

wanted_fault read_wanted() {
    wanted_fault      out;
    const char *      value  = getenv("KEEPSAKE_FAULT");
    const std::string text   = value ? value : "";
    const size_t      first  = text.find(':');
    const size_t      second = first == std::string::npos ? first : text.find(':', first + 1);
    if (first != std::string::npos) {
        out.action = text.substr(0, first);
        out.name   = text.substr(first + 1, second == std::string::npos ? second : second - first - 1);
        out.turn   = second == std::string::npos ? 1 : std::atoi(text.c_str() + second + 1);
    }
    return out;
}

} // namespace

bool fault_point(const char * name) {
    static const wanted_fault wanted = read_wanted();
    static std::atomic<int>   seen{ 0 };
    if (wanted.name != name || ++seen != wanted.turn) {
        return false;
    }
    if (wanted.action == "kill") {
        kill(getpid(), SIGKILL);
    } else if (wanted.action == "stop") {
        kill(getpid(), SIGSTOP);
    }
    return wanted.action == "fail";
}
