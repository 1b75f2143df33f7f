// Which device a run takes, and how its memory is laid out there: decided before anything is computed.
#include "device-check.h"
#include "error.h"
#include "plain-plan.h"
#include "trainer.h"

#include <algorithm>
#include <unistd.h>

namespace {

std::string gigabytes(int64_t bytes) {
    char text[32];
    snprintf(text, sizeof(text), "%.1f GB", bytes / 1e9);
    return text;
}

int longest_sample(const dataset & data) {
    int most = 0;
    for (const sample & cur : data.samples) {
        most = std::max(most, (int) cur.tokens.size());
    }
    return most;
}

// Where the dequantised weights do not fit, ggml's own products read the file's: slower, and less than half as large.
void fit_cpu(trainer & trainer) {
    run_config &  config    = trainer.config;
    const int     max_len   = longest_sample(trainer.data);
    const auto &  samples   = trainer.data.samples;
    const bool    has_kl    = std::any_of(samples.begin(), samples.end(), [](const sample & cur) { return cur.kl; });
    const int64_t available = memory_available();
    int64_t       needed    = trainer_memory(*trainer.base, trainer.adapter, config, max_len, has_kl);
    if (needed > available && config.gemm == "auto") {
        config.gemm = "ggml";
        needed      = trainer_memory(*trainer.base, trainer.adapter, config, max_len, has_kl);
        if (needed <= available) {
            emit_warning("low-memory", "Memory is short: training on the compressed weights, which is slower.");
        }
    }
    if (needed > available) {
        throw worker_error("out-of-memory",
                           "Cannot train: needs " + gigabytes(needed) + ", " + gigabytes(available) + " free.",
                           "Choose a smaller base model or close other programs.", EXIT_CODE_MEMORY);
    }
    config.device                   = "cpu";
    trainer.plan.memory_bytes       = needed;
    trainer.plan.device.name        = "cpu";
    trainer.engine.plain.transposed = config.backward != "dequantised";
}

// What the adapter, its moments and gradients take beside the device, and the columns that are turned at load.
int64_t host_memory(const trainer & trainer) {
    return (int64_t) trainer.adapter.params.size() * 4 * 7 + ((int64_t) 700 << 20);
}

void fit_device(trainer & trainer, const device_info & device, device_check_trust trust) {
    const run_config & config = trainer.config;
    if (config.gemm != "auto" && config.gemm != "ggml") {
        throw worker_error("bad-config",
                           "The products \"" + config.gemm + "\" are computed on the CPU only, not on " + device.name +
                               ".",
                           "Leave \"gemm\" at \"auto\".", EXIT_CODE_CONFIG);
    }
    device_check(device, { config.backends_dir, config.backends, config.self_test_cache }, trust);
    const plain_wishes wishes = { config.backward, config.micro_batch_tokens, config.device_memory };
    const plain_plan   found  = plain_plan_make(*trainer.base, trainer.adapter, device, wishes,
                                                [&](int n_token) { return trainer_largest_batches(trainer, n_token); });
    const int64_t      host   = host_memory(trainer) + (device.type == "gpu" ? 0 : found.memory_bytes());
    if (host > memory_available()) {
        throw worker_error("out-of-memory",
                           "Cannot train: needs " + gigabytes(host) + " of the machine's memory, " +
                               gigabytes(memory_available()) + " free.",
                           "Choose a smaller base model or close other programs.", EXIT_CODE_MEMORY);
    }
    trainer.engine.device      = device.name;
    trainer.engine.mode        = GEMM_GGML;
    trainer.engine.plain       = found.settings;
    trainer.micro_batch_tokens = found.n_token;
    trainer.plan.memory_bytes  = found.memory_bytes();
    trainer.plan.device        = {
        device.name,     device.description, found.settings.transposed ? "transposed" : "dequantised",
        found.n_token,   found.weight_bytes, found.pass_bytes,
        found.free_bytes
    };
}

// "auto": the best device that works and suffices. What is passed over is said.
void fit_best(trainer & trainer, const std::vector<device_info> & devices) {
    std::vector<std::string> skipped;
    for (const device_info & cur : devices) {
        if (!cur.supported && cur.present) {
            skipped.push_back(cur.reason);
        }
    }
    for (const device_info * cur : devices_preferred(devices)) {
        if (device_is_cpu(*cur)) {
            break;
        }
        try {
            fit_device(trainer, *cur, TRUST_ALL_RESULTS);
            break;
        } catch (const worker_error & error) {
            skipped.push_back(error.what());
        }
    }
    if (trainer.plan.device.name.empty()) {
        fit_cpu(trainer);
    }
    const plan_device & chosen = trainer.plan.device;
    for (const std::string & reason : skipped) {
        emit_warning("device-skipped",
                     reason + " Using " + (chosen.name == "cpu" ? "the CPU" : chosen.description) + " instead.");
    }
}

// Linux shows every graphics driver as a device file; elsewhere nothing is known beforehand.
bool machine_may_have_gpu() {
#ifdef __linux__
    for (const char * path : { "/dev/dri", "/dev/nvidia0", "/dev/nvidiactl", "/dev/dxg", "/dev/kfd" }) {
        if (access(path, F_OK) == 0) {
            return true;
        }
    }
    return false;
#else
    return true;
#endif
}

} // namespace

void trainer_fit(trainer & trainer) {
    const run_config & config = trainer.config;
    // Drivers cost memory and time: they are loaded where they can be of use.
    const bool use_others       = config.device != "cpu" && (config.device != "auto" || machine_may_have_gpu());
    trainer.engine.backends_dir = config.backends_dir;
    trainer.engine.backends     = use_others ? config.backends : std::vector<std::string>();
    const auto & devices        = devices_find(config.backends_dir, trainer.engine.backends);
    trainer.engine.n_thread     = config.n_thread;
    if (config.device == "auto") {
        fit_best(trainer, devices);
    } else {
        const device_info & device = device_named(devices, config.device);
        if (device_is_cpu(device)) {
            fit_cpu(trainer);
        } else {
            fit_device(trainer, device, TRUST_GOOD_RESULTS);
        }
    }
    if (trainer.plan.device.name == "cpu") {
        trainer.engine.device = "cpu";
        trainer.engine.mode   = gemm_mode_from_name(trainer.config.gemm);
    }
}

std::vector<micro_batch> trainer_largest_batches(const trainer & trainer, int n_token) {
    std::vector<micro_batch> largest;
    const auto               look = [&](const std::vector<const sample *> & samples) {
        for (micro_batch & batch : dataset_micro_batches(samples, n_token, true, false, 1)) {
            largest.push_back(std::move(batch));
        }
        largest = plain_largest(largest);
    };
    for (const std::vector<int> & step : trainer.plan.batches) {
        std::vector<const sample *> samples;
        for (int index : step) {
            samples.push_back(&trainer.data.samples[index]);
        }
        look(samples);
    }
    std::vector<const sample *> probes;
    for (const sample & cur : trainer.probes.samples) {
        probes.push_back(&cur);
    }
    if (!probes.empty()) {
        look(probes);
    }
    return largest;
}
