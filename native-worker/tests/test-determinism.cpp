// The same seed gives the same tensors, byte for byte, at any number of threads; another seed gives others.

#include "adapter-data.h"
#include "check.h"
#include "toy.h"
#include "worker-process.h"

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

} // namespace

int main(int argc, char ** argv) {
    const temp_folder  folder;
    tiny_model_options options;
    options.type = "q4_1";
    write_tiny_model(options, folder.path("base.gguf"));
    write_random_dataset(folder.path("train.jsonl"), 60, 31);
    return run_tests(argc, argv,
                     {
                         { "F32 products: the seed alone decides the tensors", [&] { check_seed(folder, "f32"); } },
                         { "the fastest products of this CPU: the seed alone decides the tensors",
                           [&] { check_seed(folder, "auto"); } },
                     });
}
