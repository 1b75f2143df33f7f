// What the device tests compare: the gradient of every A and B on two devices.
#pragma once

#include "check.h"
#include "toy.h"
#include "worker-process.h"

#include <cmath>
#include <memory>
#include <string>
#include <vector>

// Plug-in files of other devices: KEEPSAKE_BACKENDS (separated by ':') of the environment, else what CMake found.
inline std::vector<std::string> plugin_files() {
    const char *             named = std::getenv("KEEPSAKE_BACKENDS");
    std::istringstream       list(named ? named : KEEPSAKE_GPU_BACKENDS);
    std::vector<std::string> out;
    for (std::string path; std::getline(list, path, ':');) {
        if (!path.empty()) {
            out.push_back(path);
        }
    }
    return out;
}

// The gradient of the toy's adapter over the batches, on a device with the given settings.
inline std::vector<float> device_gradient(const std::string & path, const std::string & device, gemm_mode mode,
                                          const plain_settings & settings, const std::vector<micro_batch> & batches,
                                          double * loss = nullptr) {
    const auto base    = model_open(path);
    lora       adapter = lora_layout(*base, 8, 16.0f, all_modules());
    lora_init(adapter, 7);
    tiny_random random(11);
    for (const lora_pair & pair : adapter.pairs) {
        for (int i = 0; i < pair.rank * pair.n_out; i++) {
            adapter.params[pair.offset_b + i] = 0.02f * random.normal();
        }
    }
    engine_params params;
    params.backends_dir          = backends_dir();
    params.backends              = plugin_files();
    params.device                = device;
    params.n_thread              = 1;
    params.mode                  = mode;
    params.plain                 = settings;
    const auto               eng = engine_init(*base, adapter, params);
    std::vector<float>       grads;
    std::vector<pass_output> outputs;
    CHECK(engine_run(*eng, batches, true, &grads, outputs), device);
    if (loss) {
        *loss = engine_sum(batches, outputs).loss;
    }
    return grads;
}

struct cosine_range {
    double worst   = 1.0;
    double overall = 0.0;
};

// Over the gradients of every A and every B, and over all of them together.
inline cosine_range cosines_of(const lora & layout, const std::vector<float> & a, const std::vector<float> & b) {
    const auto cosine = [&](size_t offset, size_t n) {
        double dot = 0.0, aa = 0.0, bb = 0.0;
        for (size_t i = offset; i < offset + n; i++) {
            dot += (double) a[i] * b[i];
            aa += (double) a[i] * a[i];
            bb += (double) b[i] * b[i];
        }
        return dot / std::sqrt(aa * bb);
    };
    cosine_range out;
    for (const lora_pair & pair : layout.pairs) {
        for (const double cur : { cosine(pair.offset_a, (size_t) pair.rank * pair.n_in),
                                  cosine(pair.offset_b, (size_t) pair.rank * pair.n_out) }) {
            out.worst = cur >= out.worst ? out.worst : cur;
        }
    }
    out.overall = cosine(0, a.size());
    return out;
}
