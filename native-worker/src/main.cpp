// keepsake-worker <command> [config.json] [--parent-pipe]: PROTOCOL.md describes commands, events and exit codes.
#include "engine.h"
#include "error.h"
#include "inspect.h"
#include "last-words.h"
#include "merge.h"
#include "protocol.h"
#include "run-config.h"
#include "score.h"
#include "self-test.h"
#include "trainer.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <unistd.h>

static int run_command(const std::string & command, const std::string & path, bool parent_pipe) {
    static std::atomic<bool> stop{ false }; // outlives the threads that may set it
    if (command == "version") {
        emit_version();
        return EXIT_CODE_DONE;
    }
    engine_check_version();
    last_words_listen();
    if (command != "self-test" && command != "devices" && command != "train" && command != "score" &&
        command != "inspect" && command != "merge") {
        throw worker_error("bad-command",
                           command.empty() ? "No command was given." : "There is no command \"" + command + "\".",
                           "Use train, score, merge, inspect, devices, self-test or version.", EXIT_CODE_CONFIG);
    }
    const run_config config = run_config_read(path, command);
    protocol_start(parent_pipe, &stop);
    if (command == "train") {
        return trainer_run(config, &stop);
    }
    if (command == "devices") {
        for (const device_info & device : devices_find(config.backends_dir, config.backends)) {
            emit_device(device);
        }
        return EXIT_CODE_DONE;
    }
    if (command == "self-test") {
        return self_test_run(config);
    }
    if (command == "score") {
        return score_run(config);
    }
    if (command == "merge") {
        return merge_run(config, &stop);
    }
    return inspect_run(config);
}

int main(int argc, char ** argv) {
    setenv("GGML_NO_BACKTRACE", "1", 1);
    std::string command;
    std::string path;
    bool        parent_pipe = false;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--parent-pipe") == 0) {
            parent_pipe = true;
        } else if (command.empty()) {
            command = argv[i];
        } else {
            path = argv[i];
        }
    }
    int code = EXIT_CODE_FAILED;
    try {
        code = run_command(command, path, parent_pipe);
    } catch (const worker_error & error) {
        emit_error(error);
        code = error.exit_code;
    } catch (const std::bad_alloc &) {
        emit_error({ "out-of-memory", "There is not enough memory.", "Close other programs.", EXIT_CODE_MEMORY });
        code = EXIT_CODE_MEMORY;
    } catch (const std::exception & error) {
        emit_error({ "internal", error.what(), "Report this with the log.", EXIT_CODE_FAILED });
    }
    fflush(stdout);
    _exit(code); // the stdin reader may still wait for a line
}
