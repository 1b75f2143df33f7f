// ggml ends the process where a device breaks under it. A training says one sentence first, and saves what it has.
#pragma once

#include <functional>
#include <string>

// Keeps the last errors that ggml writes, beside writing them to stderr.
void last_words_listen();

// While one lives, an abort inside ggml saves, emits the error (device-failed, or out-of-memory where ggml spoke of
// memory) and ends the process with that error's exit code. One at a time; `save` runs on the thread that failed.
struct last_words {
    last_words(const std::string & device, const std::string & hint, std::function<void()> save);
    last_words(const last_words &) = delete;
    ~last_words();
};
