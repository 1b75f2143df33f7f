// The one error type of the worker. Helpers throw it; main turns it into one `error` event and an exit code.
#pragma once

#include <stdexcept>
#include <string>

enum exit_code {
    EXIT_CODE_DONE      = 0,
    EXIT_CODE_FAILED    = 1,
    EXIT_CODE_CONFIG    = 2,
    EXIT_CODE_CANCELLED = 3,
    EXIT_CODE_MEMORY    = 4,
    EXIT_CODE_MODEL     = 5,
};

struct worker_error : std::runtime_error {
    std::string code; // stable, for programs
    std::string hint; // what the reader can do
    int         exit_code;

    worker_error(const std::string & code, const std::string & message, const std::string & hint, int exit_code)
        : std::runtime_error(message), code(code), hint(hint), exit_code(exit_code) {}
};
