#include "engine-pass.h"

#include "fault-point.h"
#include "gemm-onednn.h"
#include "ggml-backend.h"
#include "profile.h"

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <thread>

engine::~engine() = default;

void engine_check_version() {
    const std::string found = ggml_version();
    if (found.rfind(KEEPSAKE_GGML_VERSION, 0) != 0) {
        throw worker_error("ggml-mismatch",
                           "The worker was built for ggml " KEEPSAKE_GGML_VERSION " and met ggml " + found + ".",
                           "Build the worker again after the update.", EXIT_CODE_FAILED);
    }
}

static const char * const HINT_DEVICE = "Train on the CPU, or choose another device.";

// Nodes that are handed to a device at a time: enough to keep it busy, few enough for a stop within seconds. Software
// drivers get single nodes: Mesa 22.3's breaks down under longer submissions.
static const int DEVICE_SLICE   = 512;
static const int SOFTWARE_SLICE = 1;

static void set_threads(ggml_backend_t backend, int n_thread) {
    ggml_backend_reg_t reg = ggml_backend_dev_backend_reg(ggml_backend_get_device(backend));
    const auto         set =
        (ggml_backend_set_n_threads_t) ggml_backend_reg_get_proc_address(reg, "ggml_backend_set_n_threads");
    if (set) {
        set(backend, n_thread);
    }
}

static void set_abort(ggml_backend_t backend, std::atomic<bool> * stop) {
    ggml_backend_reg_t reg = ggml_backend_dev_backend_reg(ggml_backend_get_device(backend));
    const auto         set =
        (ggml_backend_set_abort_callback_t) ggml_backend_reg_get_proc_address(reg, "ggml_backend_set_abort_callback");
    if (set) {
        set(backend, [](void * data) { return ((std::atomic<bool> *) data)->load(); }, stop);
    }
}

std::unique_ptr<engine> engine_init(model & base, const lora & adapter, const engine_params & params) {
    auto out                   = std::make_unique<engine>();
    out->base                  = &base;
    out->adapter               = &adapter;
    out->params                = params;
    const device_info & device = device_named(devices_find(params.backends_dir, params.backends), params.device);
    out->device_name           = device.description;
    out->on_cpu                = device_is_cpu(device);
    if (!out->on_cpu) {
        out->params.mode         = GEMM_GGML;
        out->params.plain.upload = true;
        out->slice               = device.type == "software" ? SOFTWARE_SLICE : DEVICE_SLICE;
    }
    out->params.plain.forward_only = params.forward_only;
    for (int i = 0; i < (out->on_cpu ? std::max(1, params.n_thread) : 1); i++) {
        auto worker     = std::make_unique<engine_worker>();
        worker->backend = ggml_backend_dev_init(device.dev, nullptr);
        if (!worker->backend) {
            throw worker_error("device-failed", "The device " + out->device_name + " could not be started.",
                               HINT_DEVICE, EXIT_CODE_FAILED);
        }
        set_threads(worker->backend, 1);
        set_abort(worker->backend, &out->stop);
        worker->alloc = ggml_gallocr_new(ggml_backend_get_default_buffer_type(worker->backend));
        out->workers.push_back(std::move(worker));
    }
    if (out->params.mode == GEMM_GGML) {
        if (out->on_cpu) {
            model_bind(base, device.dev);
        }
        on_device(*out, [&] {
            plain_weights_layout(out->plain, base, adapter, out->params.plain);
            plain_weights_load(out->plain, base, out->workers[0]->backend, params.n_thread);
        });
    } else {
        cpu_weights_init(out->weights, base, params.mode, params.n_thread);
    }
    model_drop_pages(base);
    engine_refresh(*out);
    return out;
}

void engine_refresh(engine & engine) {
    if (engine.params.mode == GEMM_GGML) {
        on_device(engine, [&] { plain_weights_refresh(engine.plain, *engine.adapter); });
    } else {
        cpu_adapter_refresh(engine.packed, *engine.base, *engine.adapter, engine.params.mode, engine.params.n_thread);
    }
}

bool engine_shares(const engine & engine) {
    return engine.params.mode != GEMM_GGML;
}

int engine_parallel(const engine & engine) {
    return engine.on_cpu ? 0 : 1;
}

namespace {

// Hands micro-batches to the workers and lets them add their gradients in order.
struct run_state {
    std::mutex              mutex;
    std::condition_variable turn;
    size_t                  next_batch = 0;
    size_t                  next_sum   = 0;
    bool                    failed     = false;
    std::exception_ptr      error;
};

} // namespace

static void add_grads(std::vector<float> & sum, const std::vector<float> & grads, bool first) {
    if (first) {
        memcpy(sum.data(), grads.data(), sizeof(float) * sum.size());
        return;
    }
    float *       dst = sum.data();
    const float * src = grads.data();
    for (size_t i = 0; i < sum.size(); i++) {
        dst[i] += src[i];
    }
}

static void worker_loop(engine & engine, engine_worker & worker, run_state & state,
                        const std::vector<micro_batch> & batches, pass_request request, std::vector<float> * grads,
                        std::vector<pass_output> & outputs) {
    onednn_use_one_thread();
    for (;;) {
        size_t index;
        {
            const std::lock_guard<std::mutex> lock(state.mutex);
            if (state.failed || state.next_batch >= batches.size()) {
                return;
            }
            index = state.next_batch++;
        }
        request.batch           = &batches[index];
        request.output          = &outputs[index];
        bool               done = false;
        std::exception_ptr error;
        try {
            if (grads) {
                worker.grads.resize(grads->size());
                request.grads = worker.grads.data();
            }
            done = engine_pass(engine, worker, request);
        } catch (...) {
            error = std::current_exception();
        }
        std::unique_lock<std::mutex> lock(state.mutex);
        state.turn.wait(lock, [&] { return state.failed || state.next_sum == index; });
        if (!done || state.failed) {
            state.failed = true;
            state.error  = state.error ? state.error : error;
            state.turn.notify_all();
            return;
        }
        lock.unlock();
        if (grads) {
            const profile_scope scope("add_grads");
            add_grads(*grads, worker.grads, index == 0);
        }
        lock.lock();
        state.next_sum++;
        state.turn.notify_all();
    }
}

// The ways in which devices fail, for campaigns of faults; counted by calls of engine_run.
static void inject_faults() {
    if (fault_point("device.lost")) {
        throw std::runtime_error("vk::Queue::submit: ErrorDeviceLost");
    }
    if (fault_point("device.memory")) {
        throw std::runtime_error("vk::Device::allocateMemory: ErrorOutOfDeviceMemory");
    }
    if (fault_point("device.abort")) {
        GGML_ABORT("CUDA error");
    }
}

bool engine_run(engine & engine, const std::vector<micro_batch> & batches, bool adapted, std::vector<float> * grads,
                std::vector<pass_output> & outputs, const pass_request * extra) {
    run_state    state;
    pass_request request;
    if (extra) {
        request = *extra;
    }
    request.adapted  = adapted;
    request.backward = grads != nullptr;
    outputs.assign(batches.size(), pass_output());
    on_device(engine, inject_faults);
    if (grads) {
        grads->resize(engine.adapter->params.size());
    }
    for (const micro_batch & batch : batches) {
        rope_table_extend(engine.weights.rope, *engine.base, batch.n_len);
    }
    std::vector<std::thread> threads;
    const size_t             n_thread = std::min(engine.workers.size(), batches.size());
    for (size_t i = 1; i < n_thread; i++) {
        threads.emplace_back(worker_loop, std::ref(engine), std::ref(*engine.workers[i]), std::ref(state),
                             std::cref(batches), request, grads, std::ref(outputs));
    }
    worker_loop(engine, *engine.workers[0], state, batches, request, grads, outputs);
    for (std::thread & thread : threads) {
        thread.join();
    }
    if (state.error) {
        std::rethrow_exception(state.error);
    }
    return !state.failed;
}

engine_totals engine_sum(const std::vector<micro_batch> & batches, const std::vector<pass_output> & outputs) {
    engine_totals totals;
    for (size_t i = 0; i < batches.size(); i++) {
        for (size_t j = 0; j < batches[i].rows.size(); j++) {
            totals.loss += (double) batches[i].weights[j] * outputs[i].nll[j];
            totals.weight += batches[i].weights[j];
        }
    }
    return totals;
}
