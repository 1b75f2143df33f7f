#include "inspect.h"

#include "engine.h"
#include "error.h"
#include "protocol.h"

#include <cmath>

static void check_forward(const run_config & config, model & base) {
    const lora    none = lora_layout(base, 1, 1.0f, {});
    engine_params params;
    params.backends_dir               = config.backends_dir;
    params.n_thread                   = 1;
    params.mode                       = GEMM_GGML; // reads the file's own weights: no dequantised copy for one token
    params.forward_only               = true;
    const std::unique_ptr<engine> eng = engine_init(base, none, params);
    micro_batch                   batch;
    batch.n_seq = batch.n_len = batch.n_real = 1;
    batch.tokens = batch.rows = batch.labels = batch.samples = { 0 };
    batch.weights                                            = { 1.0f };
    std::vector<pass_output> outputs;
    if (!engine_run(*eng, { batch }, false, nullptr, outputs) || !std::isfinite(outputs[0].nll[0])) {
        throw worker_error("model-corrupt", "The model file holds values that are not numbers.",
                           "Choose another base model file, or download this one again.", EXIT_CODE_MODEL);
    }
}

int inspect_run(const run_config & config) {
    model_info                   info;
    const std::unique_ptr<model> base = model_open(config.model, &info, false);
    if (config.forward && info.supported) {
        if (config.backends_dir.empty()) {
            throw worker_error("bad-config", "The run configuration is not usable: \"backends_dir\" is missing.",
                               "Check the configuration file.", EXIT_CODE_CONFIG);
        }
        check_forward(config, *base);
    }
    emit_inspect(info);
    return EXIT_CODE_DONE;
}
