// The whole program learns one batch by heart: the loss falls below 0.01 and every probe comes out right.

#include "check.h"
#include "toy.h"
#include "worker-process.h"

#include <cmath>
#include <cstdlib>

using nlohmann::json;

namespace {

const double LEARNT = 0.01;

double first_loss(const worker_result & result) {
    for (const json & event : result.events) {
        if (event["type"] == "step" && event["step"] == 1) {
            return event["loss"];
        }
    }
    return -1.0;
}

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
    const double first = first_loss(result);
    CHECK(first > 4.0, "the first loss of a random model is near ln 259", first);
    std::printf("        %s %s %s: loss %.3f -> %.5f\n", arch.c_str(), type.c_str(), gemm.c_str(), first,
                (double) done["loss"]);
}

// An adapter that learnt one batch by heart is led back to what the base says to other texts.
void check_way_back(const temp_folder & folder) {
    write_tiny_model(tiny_model_options(), folder.path("base.gguf"));
    write_random_dataset(folder.path("train.jsonl"), 8, 21);
    json config       = tiny_train_config(folder, folder.path("base.gguf"), folder.path("train.jsonl"));
    config["epochs"]  = 60;
    config["output"]  = folder.path("strayed.gguf");
    config["gemm"]    = "auto";
    worker_result run = run_worker_config(folder, "train", config);
    CHECK(run.exit_code == 0, run.exit_code, run.errors);

    write_random_dataset(folder.path("held.jsonl"), 16, 22, 1);
    config["dataset"]      = folder.path("held.jsonl");
    config["init_adapter"] = folder.path("strayed.gguf");
    config["output"]       = folder.path("led-back.gguf");
    run                    = run_worker_config(folder, "train", config);
    CHECK(run.exit_code == 0, run.exit_code, run.errors, run.last("error").dump());
    const double before = first_loss(run);
    const double after  = run.last("done")["loss"];
    CHECK(before > 0.1, before);
    CHECK(after >= -1e-5 && after < before / 20, before, after);
    std::printf("        divergence %.3f -> %.5f\n", before, after);

    // From the base itself there is nothing to learn, and that is no error.
    config["init_adapter"] = "";
    config["epochs"]       = 1;
    run                    = run_worker_config(folder, "train", config);
    CHECK(run.exit_code == 0, run.exit_code, run.last("error").dump());
    CHECK(std::fabs(first_loss(run)) < 1e-4, first_loss(run));
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
    tests.push_back({ "the divergence leads a strayed adapter back to the base", [&] { check_way_back(folder); } });
    return run_tests(argc, argv, tests);
}
