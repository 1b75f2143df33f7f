// A merge that is ended at any moment, or that meets a full disk, leaves the whole file under its name or none.
//
// KEEPSAKE_FAULT asks for the moments that no event names.

#include "llama-reference.h"
#include "merge-files.h"

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

using nlohmann::json;

namespace {

pair_of_files make_large_files(const temp_folder & folder) {
    tiny_model_options options;
    options.n_layer = 8;
    options.seed    = 2;
    return make_files(folder, options);
}

// Above a second of work, so that what is sent meanwhile arrives in time.
json slow_config(const pair_of_files & files, const std::string & output) {
    json config       = merge_config(files.base, files.adapter, output, "iq4_xs");
    config["threads"] = 1;
    return config;
}

// Ended at any moment there is no file or the whole one; the next run is not disturbed by what lies there.
void check_killed(const temp_folder & folder) {
    const pair_of_files files  = make_large_files(folder);
    const std::string   output = folder.path("killed.gguf");
    const json          config = slow_config(files, output);
    int                 killed = 0;
    for (const char * moment : { "hello", "read", "merge", "1", "20", "60", "last", "write", "write" }) {
        std::filesystem::remove(output);
        const worker_result result = merge(folder, config, [moment](const json & event, worker_process & process) {
            const bool named = event["type"] == moment || (event["type"] == "phase" && event["name"] == moment);
            const bool at = event["type"] == "progress" &&
                            (moment[0] == 'l' ? event["done"] == event["total"] : event["done"] == std::atoi(moment));
            if (named || at) {
                process.signal(SIGKILL);
            }
        });
        killed += result.signal == SIGKILL;
        if (std::filesystem::exists(output)) {
            llama_reference(output, "", 1);
        }
    }
    CHECK(killed >= 5, killed);
    check_merged(merge(folder, config), output);
}

// The same at the moments that no event names; and a disk that fills up meanwhile.
void check_faults(const temp_folder & folder) {
    tiny_model_options options;
    options.seed               = 3;
    const pair_of_files files  = make_files(folder, options);
    const std::string   output = folder.path("faulty.gguf");
    const json          config = merge_config(files.base, files.adapter, output, "q8_0");
    for (const char * moment : { "write:1", "write:9", "fsync", "fsynced", "rename", "renamed" }) {
        const bool ends_well = std::string(moment) == "renamed";
        setenv("KEEPSAKE_FAULT", (std::string("kill:worker-file.") + moment).c_str(), 1);
        const worker_result killed = merge(folder, config);
        setenv("KEEPSAKE_FAULT", (std::string("fail:worker-file.") + moment).c_str(), 1);
        const bool          there  = std::filesystem::exists(output);
        const worker_result failed = merge(folder, config);
        unsetenv("KEEPSAKE_FAULT");
        CHECK(killed.signal == SIGKILL, moment, killed.exit_code);
        CHECK(there == ends_well, moment);
        if (std::string(moment) != "fsynced" && !ends_well) {
            CHECK(failed.exit_code == 4 && failed.last("error")["code"] == "disk-full", moment, failed.exit_code);
            CHECK(!std::filesystem::exists(output) && !std::filesystem::exists(output + ".partial"), moment);
        }
        check_merged(merge(folder, config), output);
        std::filesystem::remove(output);
    }
}

// Two at once into one file: the second is refused and disturbs nothing.
void check_two_writers(const temp_folder & folder) {
    tiny_model_options options;
    options.seed               = 4;
    const pair_of_files files  = make_files(folder, options);
    const std::string   output = folder.path("shared.gguf");
    const json          config = merge_config(files.base, files.adapter, output, "f16");
    write_file(output + ".partial", "what the first one has written");
    const int fd = open((output + ".partial").c_str(), O_RDONLY);
    CHECK(flock(fd, LOCK_EX | LOCK_NB) == 0, "the lock");
    const worker_result second = merge(folder, config);
    CHECK(second.exit_code == 1 && second.last("error")["code"] == "write-failed", second.exit_code);
    CHECK(read_file(output + ".partial") == "what the first one has written", "the first one's file");
    close(fd);
    check_merged(merge(folder, config), output);
}

void check_cancelled(const temp_folder & folder) {
    const pair_of_files files  = make_large_files(folder);
    const std::string   output = folder.path("cancelled.gguf");
    const json          config = slow_config(files, output);
    for (const bool by_signal : { false, true }) {
        const worker_result result = merge(folder, config, [by_signal](const json & event, worker_process & process) {
            if (event["type"] == "progress" && event["done"] == 2) {
                if (by_signal) {
                    process.signal(SIGTERM);
                } else {
                    process.send("{\"type\":\"cancel\"}");
                }
            }
        });
        CHECK(result.exit_code == 3, result.exit_code, result.errors);
        CHECK(result.count("cancelled") == 1 && result.count("done") == 0, by_signal);
        CHECK(!std::filesystem::exists(output) && !std::filesystem::exists(output + ".partial"), by_signal);
    }
}

} // namespace

int main(int argc, char ** argv) {
    const temp_folder folder;
    return run_tests(argc, argv,
                     {
                         { "a merge that is killed leaves no unfinished file", [&] { check_killed(folder); } },
                         { "a merge that dies at any step of writing, or meets a full disk, leaves no unfinished file",
                           [&] { check_faults(folder); } },
                         { "of two merges into one file the second is refused", [&] { check_two_writers(folder); } },
                         { "a merge that is cancelled leaves nothing", [&] { check_cancelled(folder); } },
                     });
}
