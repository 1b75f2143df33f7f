// A run that is killed, paused or cancelled at any moment goes on from its checkpoint to the very same tensors.

#include "adapter-data.h"
#include "check.h"
#include "toy.h"
#include "worker-process.h"

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <thread>

using nlohmann::json;

namespace {

const int STEPS = 30;

json make_config(const temp_folder & folder) {
    json config            = tiny_train_config(folder, folder.path("base.gguf"), folder.path("train.jsonl"));
    config["epochs"]       = 3; // 80 samples, 8 a step
    config["resume"]       = true;
    config["average_last"] = 0.4; // the mean so far is part of the state
    return config;
}

void forget(const json & config) {
    std::filesystem::remove((std::string) config["checkpoint"]);
    std::filesystem::remove((std::string) config["output"]);
}

std::string finish(const temp_folder & folder, const json & config) {
    const worker_result result = run_worker_config(folder, "train", config);
    CHECK(result.exit_code == 0, result.exit_code, result.errors, result.last("error").dump());
    CHECK(result.last("done")["steps"] == STEPS, result.last("done").dump());
    CHECK(result.last("step")["step"] == STEPS, result.last("step").dump());
    return adapter_tensor_data(config["output"]);
}

// Kills the run when it reports step `at`; a checkpoint is written after every step.
void check_kill(const temp_folder & folder, const std::string & expected, int at) {
    json config = make_config(folder);
    forget(config);
    config["checkpoint_every_s"] = 0;
    const worker_result killed =
        run_worker_config(folder, "train", config, [at](const json & event, worker_process & process) {
            if (event["type"] == "step" && event["step"] == at) {
                process.signal(SIGKILL);
            }
        });
    CHECK(killed.signal == SIGKILL, killed.exit_code, killed.signal);
    CHECK(!std::filesystem::exists((std::string) config["output"]), "a killed run left an adapter");
    const worker_result resumed = run_worker_config(folder, "train", config);
    CHECK(resumed.exit_code == 0, resumed.exit_code, resumed.errors);
    // The killed run may have saved the step before, or have gone one further; never back to the start.
    CHECK(resumed.count("step") <= (size_t) (STEPS - at + 1), resumed.count("step"), at);
    CHECK(adapter_tensor_data(config["output"]) == expected, "killed at step", at);
}

// Kills by the clock, so that the middle of a pass and of a checkpoint's writing are met as well.
void check_kill_any_time(const temp_folder & folder, const std::string & expected, int times, uint64_t seed) {
    tiny_random random(seed);
    json        config = make_config(folder);
    forget(config);
    config["checkpoint_every_s"] = 0;
    int killed                   = 0;
    for (int i = 0; i < times; i++) {
        const int           delay = (int) random.below(60);
        const worker_result result =
            run_worker_config(folder, "train", config, [&](const json & event, worker_process & process) {
                if (event["type"] == "phase" && event["name"] == "train") {
                    std::this_thread::sleep_for(std::chrono::milliseconds(delay));
                    process.signal(SIGKILL);
                }
            });
        killed += result.signal == SIGKILL;
    }
    CHECK(killed > 0, "every run was over before it could be killed");
    CHECK(finish(folder, config) == expected, "killed", killed, "times");
}

void check_stop(const temp_folder & folder, const std::string & expected, const std::string & how, int at) {
    const json config = make_config(folder);
    forget(config);
    const worker_result stopped =
        run_worker_config(folder, "train", config, [&](const json & event, worker_process & process) {
            if (event["type"] != "step" || event["step"] != at) {
                return;
            }
            if (how == "SIGTERM") {
                process.signal(SIGTERM);
            } else {
                process.send(json({ { "type", how } }).dump());
            }
        });
    CHECK(stopped.exit_code == 3, how, stopped.exit_code, stopped.errors);
    const json event = stopped.last("cancelled");
    CHECK(event.is_object(), how);
    CHECK(event["reason"] == (how == "pause" ? "pause" : "cancel"), event.dump());
    CHECK((int) event["step"] >= at && (int) event["step"] < STEPS, event.dump());
    CHECK(stopped.last("checkpoint")["step"] == event["step"], stopped.last("checkpoint").dump());
    CHECK(!std::filesystem::exists((std::string) config["output"]), "a stopped run left an adapter");
    const worker_result resumed = run_worker_config(folder, "train", config);
    CHECK(resumed.exit_code == 0, resumed.exit_code, resumed.errors);
    CHECK(resumed.count("step") == (size_t) (STEPS - (int) event["step"]), resumed.count("step"), event.dump());
    CHECK(adapter_tensor_data(config["output"]) == expected, how);
}

void check_parent_pipe(const temp_folder & folder) {
    const json config = make_config(folder);
    forget(config);
    const std::string path = folder.path("pipe.json");
    write_file(path, config.dump());
    const worker_watcher hang_up = [](const json & event, worker_process & process) {
        if (event["type"] == "step" && event["step"] == 3) {
            process.close_stdin();
        }
    };
    const worker_result ended = run_worker({ "train", path, "--parent-pipe" }, hang_up);
    CHECK(ended.exit_code == 3, ended.exit_code);
    forget(config);
    const worker_result unbothered = run_worker({ "train", path }, hang_up);
    CHECK(unbothered.exit_code == 0, "without the flag the end of stdin means nothing", unbothered.exit_code);
}

// A checkpoint of other settings, or a damaged one, is not used; it is said, and the run starts from the beginning.
void check_unusable(const temp_folder & folder, const std::string & expected) {
    json config = make_config(folder);
    forget(config);
    const worker_watcher pause = [](const json & event, worker_process & process) {
        if (event["type"] == "step" && event["step"] == 5) {
            process.send("{\"type\":\"pause\"}");
        }
    };
    CHECK(run_worker_config(folder, "train", config, pause).exit_code == 3, "paused");
    const std::string saved     = read_file(config["checkpoint"]);
    json              other     = config;
    other["learning_rate"]      = 1e-3;
    const worker_result changed = run_worker_config(folder, "train", other);
    CHECK(changed.exit_code == 0 && changed.count("step") == STEPS, changed.exit_code, changed.count("step"));
    CHECK(changed.last("warning")["code"] == "checkpoint-unusable", changed.last("warning").dump());
    std::string flipped = saved;
    flipped[flipped.size() / 2] ^= 0x10;
    for (const std::string & damaged : { saved.substr(0, saved.size() / 2), std::string("x"), flipped }) {
        write_file(config["checkpoint"], damaged);
        const worker_result result = run_worker_config(folder, "train", config);
        CHECK(result.exit_code == 0 && result.count("step") == STEPS, result.exit_code, result.count("step"),
              damaged.size());
        CHECK(result.last("warning")["code"] == "checkpoint-unusable", result.last("warning").dump());
        CHECK(adapter_tensor_data(config["output"]) == expected, "after a damaged checkpoint");
    }
}

} // namespace

int main(int argc, char ** argv) {
    const temp_folder  folder;
    tiny_model_options options;
    options.type = "q8_0";
    write_tiny_model(options, folder.path("base.gguf"));
    write_random_dataset(folder.path("train.jsonl"), 80, 41, 4); // one in four by the divergence from the base
    const bool        brief    = std::getenv("KEEPSAKE_TEST_SHORT") != nullptr;
    const json        config   = make_config(folder);
    const std::string expected = finish(folder, config);

    std::vector<test_case> tests;
    tiny_random            random(brief ? 1 : 2);
    for (int i = 0; i < (brief ? 1 : 4); i++) {
        const int at = 1 + (int) random.below(STEPS - 2);
        tests.push_back({ "killed at step " + std::to_string(at) + " and resumed, the run ends with the same tensors",
                          [&, at] { check_kill(folder, expected, at); } });
    }
    tests.push_back({ "killed at any moment, again and again, the run still ends with the same tensors",
                      [&] { check_kill_any_time(folder, expected, brief ? 3 : 12, 5); } });
    for (const char * how : { "pause", "cancel", "SIGTERM" }) {
        tests.push_back({ std::string("stopped by ") + how + " and resumed, the run ends with the same tensors",
                          [&, how] { check_stop(folder, expected, how, 11); } });
    }
    tests.push_back({ "the end of stdin cancels with --parent-pipe only", [&] { check_parent_pipe(folder); } });
    tests.push_back({ "a checkpoint of other settings or a damaged one is refused with a warning",
                      [&] { check_unusable(folder, expected); } });
    return run_tests(argc, argv, tests);
}
