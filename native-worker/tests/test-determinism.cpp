// The same seed gives the same tensors, byte for byte, at any number of threads; another seed gives others.

#include "adapter-data.h"
#include "check.h"
#include "toy.h"
#include "worker-process.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

using nlohmann::json;

namespace {

std::string train(const temp_folder & folder, const std::string & gemm, int n_thread, int seed) {
    json config                = tiny_train_config(folder, folder.path("base.gguf"), folder.path("train.jsonl"));
    config["gemm"]             = gemm;
    config["threads"]          = n_thread;
    config["seed"]             = seed;
    const worker_result result = run_worker_config(folder, "train", config);
    CHECK(result.exit_code == 0, result.exit_code, result.errors, result.last("error").dump());
    return adapter_tensor_data(config["output"]);
}

void check_seed(const temp_folder & folder, const std::string & gemm) {
    const std::string first = train(folder, gemm, 2, 42);
    CHECK(train(folder, gemm, 2, 42) == first, "the same run twice");
    CHECK(train(folder, gemm, 1, 42) == first, "one thread against two");
    CHECK(train(folder, gemm, 3, 42) == first, "three threads against two");
    CHECK(train(folder, gemm, 2, 43) != first, "another seed gives the same tensors");
}

std::vector<float> weights_after(const temp_folder & folder, int n_step, double average_last) {
    json config                = tiny_train_config(folder, folder.path("base.gguf"), folder.path("train.jsonl"));
    config["schedule"]         = "constant";
    config["max_steps"]        = n_step;
    config["average_last"]     = average_last;
    const worker_result result = run_worker_config(folder, "train", config);
    CHECK(result.exit_code == 0, result.exit_code, result.errors, result.last("error").dump());
    const std::string  bytes = adapter_tensor_data(config["output"]);
    std::vector<float> out(bytes.size() / sizeof(float));
    memcpy(out.data(), bytes.data(), out.size() * sizeof(float));
    return out;
}

// With a constant rate a shorter run is the beginning of a longer one, so the states of the last steps can be had.
void check_average(const temp_folder & folder) {
    const std::vector<std::vector<float>> last  = { weights_after(folder, 5, 0.0), weights_after(folder, 6, 0.0),
                                                    weights_after(folder, 7, 0.0) };
    const std::vector<float>              mean  = weights_after(folder, 7, 0.4); // 3 of 7 steps
    double                                worst = 0.0;
    double                                moved = 0.0;
    for (size_t i = 0; i < mean.size(); i++) {
        const double expected = ((double) last[0][i] + last[1][i] + last[2][i]) / 3.0;
        worst                 = std::max(worst, std::fabs(mean[i] - expected));
        moved                 = std::max(moved, (double) std::fabs(mean[i] - last[2][i]));
    }
    CHECK(worst < 1e-6, worst);
    CHECK(moved > 1e-5, "the mean is the last state", moved);
}

} // namespace

int main(int argc, char ** argv) {
    const temp_folder  folder;
    tiny_model_options options;
    options.type = "q4_1";
    write_tiny_model(options, folder.path("base.gguf"));
    write_random_dataset(folder.path("train.jsonl"), 60, 31, 4); // one in four by the divergence from the base
    return run_tests(
        argc, argv,
        {
            { "the mean of the last steps is the result where it is asked for", [&] { check_average(folder); } },
            { "F32 products: the seed alone decides the tensors", [&] { check_seed(folder, "f32"); } },
            { "the fastest products of this CPU: the seed alone decides the tensors",
              [&] { check_seed(folder, "auto"); } },
        });
}
