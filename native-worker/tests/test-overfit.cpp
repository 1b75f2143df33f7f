// The whole program learns one batch by heart: the loss falls below 0.01 and every probe comes out right.

#include "check.h"
#include "toy.h"
#include "worker-process.h"

#include <cstdlib>

using nlohmann::json;

namespace {

const double LEARNT = 0.01;

void check_overfit(const temp_folder & folder, const std::string & arch, const std::string & type,
                   const std::string & gemm) {
    tiny_model_options options;
    options.arch = arch;
    options.type = type;
    write_tiny_model(options, folder.path("base.gguf"));
    write_random_dataset(folder.path("train.jsonl"), 8, 21);
    // The probes are the samples themselves, with names.
    std::string        probes;
    std::istringstream lines(read_file(folder.path("train.jsonl")));
    int                n_probe = 0;
    for (std::string line; std::getline(lines, line); n_probe++) {
        json probe  = json::parse(line);
        probe["id"] = "probe-" + std::to_string(n_probe);
        probes += probe.dump() + "\n";
    }
    write_file(folder.path("probes.jsonl"), probes);

    json config                = tiny_train_config(folder, folder.path("base.gguf"), folder.path("train.jsonl"));
    config["epochs"]           = 120;
    config["gemm"]             = gemm;
    config["probes"]           = folder.path("probes.jsonl");
    config["probe_every"]      = 60;
    const worker_result result = run_worker_config(folder, "train", config);
    CHECK(result.exit_code == 0, result.exit_code, result.errors, result.last("error").dump());
    const json done = result.last("done");
    CHECK(done["steps"] == 120, done.dump());
    CHECK((double) done["loss"] < LEARNT, done.dump());
    CHECK(result.events.size() > 100 && result.count("step") == 120, result.count("step"));
    CHECK(result.last("probe")["right"] == n_probe, result.last("probe").dump());
    double first = 0.0;
    for (const json & event : result.events) {
        if (event["type"] == "step" && event["step"] == 1) {
            first = event["loss"];
        }
    }
    CHECK(first > 4.0, "the first loss of a random model is near ln 259", first);
    std::printf("        %s %s %s: loss %.3f -> %.5f\n", arch.c_str(), type.c_str(), gemm.c_str(), first,
                (double) done["loss"]);
}

} // namespace

int main(int argc, char ** argv) {
    const temp_folder      folder;
    std::vector<test_case> tests = {
        { "llama on Q4_1 weights learns one batch by heart", [&] { check_overfit(folder, "llama", "q4_1", "f32"); } },
        { "qwen2 on Q8_0 weights learns one batch by heart", [&] { check_overfit(folder, "qwen2", "q8_0", "f32"); } },
        { "qwen3 on Q4_K weights learns one batch by heart", [&] { check_overfit(folder, "qwen3", "q4_k", "auto"); } },
    };
    if (std::getenv("KEEPSAKE_TEST_SHORT")) {
        tests.resize(1);
    }
    return run_tests(argc, argv, tests);
}
