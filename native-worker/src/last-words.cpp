#include "last-words.h"

#include "error.h"
#include "ggml.h"
#include "protocol.h"

#include <atomic>
#include <cstdio>
#include <mutex>
#include <unistd.h>

namespace {

struct words {
    std::string           device;
    std::string           hint;
    std::function<void()> save;
};

std::mutex        log_mutex;
std::string       heard; // the last errors
words             prepared;
std::atomic<bool> spoken{ false };

void listen(ggml_log_level level, const char * text, void *) {
    fputs(text, stderr);
    if (level == GGML_LOG_LEVEL_ERROR) {
        const std::lock_guard<std::mutex> lock(log_mutex);
        heard += text;
        heard = heard.size() > 2000 ? heard.substr(heard.size() - 2000) : heard;
    }
}

std::string heard_errors() {
    const std::lock_guard<std::mutex> lock(log_mutex);
    return heard;
}

void speak(const char * message) {
    fprintf(stderr, "%s\n", message);
    if (spoken.exchange(true)) {
        return;
    }
    const std::string all    = heard_errors() + message;
    const bool        memory = all.find("out of memory") != std::string::npos || all.find("OutOf") != std::string::npos;
    const std::string found  = message;
    const size_t      newline = found.find('\n');
    const std::string what    = found.substr(0, newline);
    try {
        prepared.save();
    } catch (const std::exception & error) {
        fprintf(stderr, "The state was not saved: %s\n", error.what());
    }
    const worker_error error =
        memory
            ? worker_error("out-of-memory", "The memory of " + prepared.device + " does not suffice.",
                           "Close other programs, train on the CPU or choose a smaller base model.", EXIT_CODE_MEMORY)
            : worker_error("device-failed", "The device " + prepared.device + " failed: " + what + ".", prepared.hint,
                           EXIT_CODE_FAILED);
    emit_error(error);
    fflush(stdout);
    _exit(error.exit_code);
}

} // namespace

void last_words_listen() {
    ggml_log_set(listen, nullptr);
}

last_words::last_words(const std::string & device, const std::string & hint, std::function<void()> save) {
    prepared = { device, hint, std::move(save) };
    ggml_set_abort_callback(speak);
}

last_words::~last_words() {
    ggml_set_abort_callback(nullptr);
}
