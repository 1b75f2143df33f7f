// Devices, as far as every machine can try them: the list, the choice, the memory plan, and what becomes of a training
// whose device fails in the middle. The portable operations run on the processor here.

#include "adapter-data.h"
#include "check.h"
#include "device-data.h"
#include "toy.h"
#include "worker-process.h"

#include "device-check.h"
#include "error.h"
#include "plain-plan.h"

#include <cstdlib>
#include <filesystem>

using nlohmann::json;

namespace {

struct environment {
    explicit environment(const std::string & fault) { setenv("KEEPSAKE_FAULT", fault.c_str(), 1); }
    ~environment() { unsetenv("KEEPSAKE_FAULT"); }
};

json make_config(const temp_folder & folder) {
    json config      = tiny_train_config(folder, folder.path("base.gguf"), folder.path("train.jsonl"));
    config["gemm"]   = "ggml";
    config["resume"] = true;
    return config;
}

void forget(const json & config) {
    std::filesystem::remove((std::string) config["checkpoint"]);
    std::filesystem::remove((std::string) config["output"]);
}

void check_list(const temp_folder & folder) {
    const json          missing = { folder.path("libggml-cuda.so") };
    const json          config  = { { "protocol", 1 }, { "backends_dir", backends_dir() }, { "backends", missing } };
    const worker_result result  = run_worker_config(folder, "devices", config);
    CHECK(result.exit_code == 0, result.exit_code, result.errors);
    const json cpu = result.last("device");
    CHECK(cpu["name"] == "cpu" && cpu["device_type"] == "cpu" && cpu["supported"] == true, cpu.dump());
    CHECK((double) cpu["memory_free"] > 0 && (double) cpu["memory_total"] >= (double) cpu["memory_free"], cpu.dump());
    const json cuda = result.events.at(0);
    CHECK(cuda["name"] == "cuda0" && cuda["supported"] == false && !((std::string) cuda["reason"]).empty(),
          cuda.dump());
}

void check_unknown(const temp_folder & folder) {
    json config                = make_config(folder);
    config["device"]           = "vulkan9";
    const worker_result result = run_worker_config(folder, "train", config);
    CHECK(result.exit_code == 2, result.exit_code, result.errors);
    CHECK(result.last("error")["code"] == "device-missing", result.last("error").dump());
    CHECK(((std::string) result.last("error")["hint"]).find("cpu") != std::string::npos, result.last("error").dump());
}

void check_fault(const temp_folder & folder, const std::string & fault, int exit_code, const std::string & code) {
    const json config = make_config(folder);
    forget(config);
    const worker_result whole    = run_worker_config(folder, "train", config);
    const std::string   expected = adapter_tensor_data(config["output"]);
    CHECK(whole.exit_code == 0 && whole.count("step") >= 4, whole.exit_code, whole.count("step"));
    forget(config);
    {
        const environment   env("fail:" + fault + ":3");
        const worker_result result = run_worker_config(folder, "train", config);
        CHECK(result.exit_code == exit_code, result.exit_code, result.signal, result.errors);
        CHECK(result.last("error")["code"] == code, result.last("error").dump());
        CHECK(result.last("checkpoint")["step"] == 2, result.last("checkpoint").dump());
        CHECK(!std::filesystem::exists((std::string) config["output"]), "a failed run left an adapter");
    }
    const worker_result resumed = run_worker_config(folder, "train", config);
    CHECK(resumed.exit_code == 0, resumed.exit_code, resumed.errors);
    CHECK(resumed.count("step") == whole.count("step") - 2, resumed.count("step"));
    CHECK(adapter_tensor_data(config["output"]) == expected, "the resumed run ended elsewhere");
}

void check_dequantised(const temp_folder & folder, const std::string & arch, const std::string & type) {
    tiny_model_options options;
    options.arch           = arch;
    options.type           = type;
    const std::string path = folder.path("blocks-" + arch + ".gguf");
    write_tiny_model(options, path);
    const auto     batches = random_batches({ 30, 17 }, 4);
    const lora     layout  = lora_layout(*model_open(path), 8, 16.0f, all_modules());
    plain_settings settings;
    const auto     expected  = device_gradient(path, "cpu", GEMM_GGML, settings, batches);
    settings.transposed      = false;
    settings.block_bytes     = 64 << 10; // several blocks for each weight
    settings.head_rows       = 7;        // and several parts of the head
    const auto         found = device_gradient(path, "cpu", GEMM_GGML, settings, batches);
    const cosine_range range = cosines_of(layout, found, expected);
    CHECK(range.worst >= 0.999, range.worst);
    std::printf("        %s %s: worst cosine %.6f\n", arch.c_str(), type.c_str(), range.worst);
}

// Less and less memory: first smaller micro-batches, then blocks instead of copies, then a refusal with the numbers.
void check_plan(const temp_folder & folder) {
    const auto  base    = model_open(folder.path("base.gguf"));
    const lora  adapter = lora_layout(*base, 8, 16.0f, all_modules());
    device_info device  = device_named(devices_find(backends_dir(), {}), "cpu");
    int         asked   = 0;
    const auto  batches = [&](int n_token) {
        asked++;
        return random_batches({ n_token + 1 }, 3);
    };
    const plain_plan roomy = plain_plan_make(*base, adapter, device, {}, batches);
    CHECK(roomy.settings.transposed && roomy.n_token == 2048 && asked == 1, roomy.n_token, asked);
    plain_wishes wishes;
    wishes.limit           = roomy.memory_bytes() * 2 / 3;
    const plain_plan tight = plain_plan_make(*base, adapter, device, wishes, batches);
    CHECK(tight.settings.transposed && tight.n_token < 2048 && tight.memory_bytes() <= wishes.limit, tight.n_token);
    const plain_plan least  = plain_plan_make(*base, adapter, device, { "transposed", 256, 0 }, batches);
    wishes.limit            = least.memory_bytes() - 1;
    const plain_plan blocks = plain_plan_make(*base, adapter, device, wishes, batches);
    CHECK(!blocks.settings.transposed && blocks.memory_bytes() <= wishes.limit, blocks.n_token, blocks.memory_bytes());
    wishes.limit = 1000000;
    std::string refusal;
    try {
        plain_plan_make(*base, adapter, device, wishes, batches);
    } catch (const worker_error & error) {
        refusal = error.code + ": " + error.what();
    }
    CHECK(refusal.find("out-of-memory: ") == 0 && refusal.find("1 MB can be used") != std::string::npos, refusal);
}

void check_cache(const temp_folder & folder) {
    const device_info          device  = device_named(devices_find(backends_dir(), {}), "cpu");
    const device_check_request request = { backends_dir(), {}, folder.path("checks.json") };
    device_check(device, request, TRUST_GOOD_RESULTS);
    json cache = json::parse(read_file(request.cache));
    CHECK(cache.size() == 1 && cache.begin()->at("right") == json(true), cache.dump());
    CHECK((double) cache.begin()->at("cosine") >= 0.999, cache.dump());
    std::printf("        the processor's own: cosine %.6f\n", (double) cache.begin()->at("cosine"));
    cache.begin()->at("right") = false;
    write_file(request.cache, cache.dump());
    std::string refusal;
    try {
        device_check(device, request, TRUST_ALL_RESULTS);
    } catch (const worker_error & error) {
        refusal = error.code;
    }
    CHECK(refusal == "device-failed", refusal);
    write_file(request.cache, "{ not json");
    device_check(device, request, TRUST_GOOD_RESULTS);
    CHECK(json::parse(read_file(request.cache)).size() == 1, "a damaged cache was not replaced");
}

} // namespace

int main(int argc, char ** argv) {
    const temp_folder  folder;
    tiny_model_options options;
    options.type = "q8_0";
    write_tiny_model(options, folder.path("base.gguf"));
    write_random_dataset(folder.path("train.jsonl"), 40, 21);
    return run_tests(
        argc, argv,
        {
            { "the list names the processor last and says why a device is missing", [&] { check_list(folder); } },
            { "a device that is not there is refused with what is", [&] { check_unknown(folder); } },
            { "a lost device leaves the last whole step, and the run goes on from it",
              [&] { check_fault(folder, "device.lost", 1, "device-failed"); } },
            { "a device without memory leaves the last whole step",
              [&] { check_fault(folder, "device.memory", 4, "out-of-memory"); } },
            { "an abort inside ggml leaves the last whole step and one sentence",
              [&] { check_fault(folder, "device.abort", 1, "device-failed"); } },
            { "llama: dequantised blocks give the gradient of transposed copies",
              [&] { check_dequantised(folder, "llama", "q4_k"); } },
            { "qwen3: dequantised blocks give the gradient of transposed copies",
              [&] { check_dequantised(folder, "qwen3", "q8_0"); } },
            { "short memory: smaller batches, then blocks, then a refusal with numbers", [&] { check_plan(folder); } },
            { "a check's result is kept, a bad one is believed, a damaged file replaced",
              [&] { check_cache(folder); } },
        });
}
