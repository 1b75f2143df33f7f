// Starts the real worker program, reads its events and may talk to it or end it while it runs.
#pragma once

#include "temp-folder.h"

#include <nlohmann/json.hpp>

#include <functional>
#include <string>
#include <sys/types.h>
#include <vector>

struct worker_process {
    pid_t pid      = -1;
    int   stdin_fd = -1;

    void send(const std::string & line) const; // one JSON line to stdin
    void close_stdin();
    void signal(int number) const;
};

struct worker_result {
    int                         exit_code = -1; // -1 when a signal ended it
    int                         signal    = 0;
    std::vector<nlohmann::json> events; // without heartbeats, which only the watcher sees
    int                         heartbeats = 0;
    std::string                 errors; // stderr

    // The last event of a type; null when there is none.
    nlohmann::json last(const std::string & type) const;
    size_t         count(const std::string & type) const;
};

using worker_watcher = std::function<void(const nlohmann::json & event, worker_process & process)>;

// Arguments after the program's name. Throws when a line of stdout is not a JSON object or it runs over two minutes
// (KEEPSAKE_TEST_SECONDS).
worker_result run_worker(const std::vector<std::string> & arguments, const worker_watcher & watcher = {});

// Writes the configuration to a file of the folder and runs `command` with it.
worker_result run_worker_config(const temp_folder & folder, const std::string & command, const nlohmann::json & config,
                                const worker_watcher & watcher = {});

// A configuration of `train` for a tiny model: 8 samples a step, rank 4, two threads, F32 products.
nlohmann::json tiny_train_config(const temp_folder & folder, const std::string & base, const std::string & dataset);

// Folder of the CPU back ends, as CMake found it.
std::string backends_dir();
