// A device beside the processor: vulkan0 (Mesa's software driver will do), or the one that KEEPSAKE_TEST_DEVICE names.
// Skipped, with the reason, where it is not there.

#include "check.h"
#include "device-data.h"
#include "toy.h"
#include "worker-process.h"

#include <cstdlib>

using nlohmann::json;

namespace {

const int SKIPPED = 77;

std::string device_name() {
    const char * named = std::getenv("KEEPSAKE_TEST_DEVICE");
    return named ? named : "vulkan0";
}

// Why nothing can be tried here; empty when the device works.
std::string missing_reason() {
    if (plugin_files().empty()) {
        return "node-llama-cpp's Vulkan package is not installed";
    }
    for (const device_info & device : devices_find(backends_dir(), plugin_files())) {
        if (device.name == device_name()) {
            return device.supported ? "" : device.reason + " (Debian: apt-get install mesa-vulkan-drivers)";
        }
    }
    return "there is no device " + device_name();
}

void check_gradients(const temp_folder & folder, const std::string & arch, const std::string & type) {
    tiny_model_options options;
    options.arch           = arch;
    options.type           = type;
    const std::string path = folder.path(arch + "-" + type + ".gguf");
    write_tiny_model(options, path);
    const auto batches  = random_batches({ 24, 33 }, 4);
    const lora layout   = lora_layout(*model_open(path), 8, 16.0f, all_modules());
    double     loss_cpu = 0.0;
    const auto expected = device_gradient(path, "cpu", GEMM_F32, {}, batches, &loss_cpu);
    for (const bool transposed : { true, false }) {
        plain_settings settings;
        settings.transposed      = transposed;
        settings.block_bytes     = 256 << 10;
        double             loss  = 0.0;
        const auto         found = device_gradient(path, device_name(), GEMM_GGML, settings, batches, &loss);
        const cosine_range range = cosines_of(layout, found, expected);
        std::printf("        %s %s, %s: worst cosine %.6f, overall %.6f, loss %.5f and %.5f\n", arch.c_str(),
                    type.c_str(), transposed ? "transposed" : "dequantised", range.worst, range.overall, loss,
                    loss_cpu);
        CHECK(range.worst >= 0.999, arch, type, transposed, range.worst);
        CHECK(std::fabs(loss - loss_cpu) <= 0.01 * loss_cpu, loss, loss_cpu);
    }
}

std::vector<double> losses(const worker_result & result) {
    std::vector<double> out;
    for (const json & event : result.events) {
        if (event["type"] == "step") {
            out.push_back(event["loss"]);
        }
    }
    return out;
}

void check_training(const temp_folder & folder, const std::string & arch, const std::string & type) {
    tiny_model_options options;
    options.arch = arch;
    options.type = type;
    write_tiny_model(options, folder.path("base.gguf"));
    write_random_dataset(folder.path("train.jsonl"), 16, 21);
    json config             = tiny_train_config(folder, folder.path("base.gguf"), folder.path("train.jsonl"));
    config["batch_size"]    = 4;
    config["learning_rate"] = 2e-3;
    config["epochs"]        = 5;
    config["threads"]       = 1;
    const worker_result cpu = run_worker_config(folder, "train", config);
    CHECK(cpu.exit_code == 0, cpu.exit_code, cpu.errors);
    config["gemm"]            = "auto";
    config["device"]          = device_name();
    config["backends"]        = plugin_files();
    config["self_test_cache"] = folder.path("checks.json");
    const worker_result gpu   = run_worker_config(folder, "train", config);
    CHECK(gpu.exit_code == 0, gpu.exit_code, gpu.signal, gpu.errors);
    const json plan = gpu.last("plan");
    CHECK(plan["device"] == device_name() && (double) plan["device_weight_bytes"] > 0, plan.dump());
    const std::vector<double> expected = losses(cpu);
    const std::vector<double> found    = losses(gpu);
    CHECK(expected.size() == 20 && found.size() == 20, expected.size(), found.size());
    double worst = 0.0;
    for (size_t i = 0; i < found.size(); i++) {
        worst = std::max(worst, std::fabs(found[i] / expected[i] - 1.0));
    }
    std::printf("        %s %s: loss %.4f -> %.4f, on the processor %.4f; farthest apart %.3f %%\n", arch.c_str(),
                type.c_str(), found.front(), found.back(), expected.back(), worst * 100.0);
    CHECK(found.back() < 0.9 * found.front(), "nothing was learnt", found.front(), found.back());
    CHECK(worst <= 0.01, worst);
}

} // namespace

int main(int argc, char ** argv) {
    const std::string reason = missing_reason();
    if (!reason.empty()) {
        std::printf("skipped: %s\n", reason.c_str());
        return SKIPPED;
    }
    setenv("KEEPSAKE_TEST_SECONDS", "900", 0); // a software driver takes a minute and a half of a core for a training
    const temp_folder                                      folder;
    std::vector<test_case>                                 tests;
    const std::vector<std::pair<std::string, std::string>> models = { { "llama", "q4_1" },
                                                                      { "qwen2", "q8_0" },
                                                                      { "qwen3", "q4_k" } };
    for (const auto & [arch, type] : models) {
        tests.push_back({ arch + " on " + type + " weights: the processor's gradients",
                          [&folder, arch = arch, type = type] { check_gradients(folder, arch, type); } });
    }
    for (const auto & [arch, type] : models) {
        tests.push_back({ arch + " on " + type + " weights: twenty steps with the processor's losses",
                          [&folder, arch = arch, type = type] { check_training(folder, arch, type); } });
    }
    return run_tests(argc, argv, tests);
}
