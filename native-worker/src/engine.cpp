#include "engine.h"

#include "error.h"
#include "ggml-alloc.h"
#include "gemm-onednn.h"
#include "ggml-backend.h"
#include "profile.h"

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <thread>

struct engine_worker {
    ggml_backend_t     backend = nullptr;
    ggml_gallocr_t     alloc   = nullptr;
    std::vector<float> grads;
    std::vector<float> teacher; // hidden rows of the base for the micro-batch at hand

    ~engine_worker() {
        if (alloc) {
            ggml_gallocr_free(alloc);
        }
        if (backend) {
            ggml_backend_free(backend);
        }
    }
};

engine::~engine() = default;

void engine_check_version() {
    const std::string found = ggml_version();
    if (found.rfind(KEEPSAKE_GGML_VERSION, 0) != 0) {
        throw worker_error("ggml-mismatch",
                           "The worker was built for ggml " KEEPSAKE_GGML_VERSION " and met ggml " + found + ".",
                           "Build the worker again after the update.", EXIT_CODE_FAILED);
    }
}

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
    auto out     = std::make_unique<engine>();
    out->base    = &base;
    out->adapter = &adapter;
    out->params  = params;
    if (ggml_backend_dev_count() == 0) {
        ggml_backend_load_all_from_path(params.backends_dir.c_str());
    }
    ggml_backend_dev_t device = ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_CPU);
    if (!device) {
        throw worker_error("backend-missing", "No ggml CPU back end was found in " + params.backends_dir + ".",
                           "Install the dependencies again.", EXIT_CODE_FAILED);
    }
    out->device_name = ggml_backend_dev_description(device);
    for (int i = 0; i < std::max(1, params.n_thread); i++) {
        auto worker     = std::make_unique<engine_worker>();
        worker->backend = ggml_backend_dev_init(device, nullptr);
        if (!worker->backend) {
            throw worker_error("device-failed", "The device " + out->device_name + " could not be started.",
                               "Choose another device.", EXIT_CODE_FAILED);
        }
        set_threads(worker->backend, 1);
        set_abort(worker->backend, &out->stop);
        worker->alloc = ggml_gallocr_new(ggml_backend_get_default_buffer_type(worker->backend));
        out->workers.push_back(std::move(worker));
    }
    if (params.mode == GEMM_GGML) {
        model_bind(base, device);
        plain_weights_init(out->plain, base, adapter, out->workers[0]->backend, params.forward_only);
    } else {
        cpu_weights_init(out->weights, base, params.mode, params.n_thread);
    }
    model_drop_pages(base);
    engine_refresh(*out);
    return out;
}

void engine_refresh(engine & engine) {
    if (engine.params.mode == GEMM_GGML) {
        plain_weights_refresh(engine.plain, *engine.adapter);
    } else {
        cpu_adapter_refresh(engine.packed, *engine.base, *engine.adapter, engine.params.mode, engine.params.n_thread);
    }
}

bool engine_shares(const engine & engine) {
    return engine.params.mode != GEMM_GGML;
}

static std::unique_ptr<layer_ops> make_ops(engine & engine, ggml_context * ctx, ggml_cgraph * graph,
                                           const pass_request & request) {
    if (engine.params.mode == GEMM_GGML) {
        return plain_ops_init({ ctx, graph, engine.base, engine.adapter, &engine.plain, request });
    }
    return cpu_ops_init({ ctx, graph, engine.base, &engine.weights, &engine.packed, request });
}

// One micro-batch on one worker. false = stopped.
static bool run_pass(engine & engine, engine_worker & worker, const pass_request & request) {
    const size_t n_node    = 128 + (size_t) engine.base->hparams.n_layer * (engine.params.mode == GEMM_GGML ? 512 : 64);
    ggml_init_params init  = { ggml_tensor_overhead() * n_node * 2 + ggml_graph_overhead_custom(n_node, false), nullptr,
                               true };
    ggml_context *   ctx   = ggml_init(init);
    ggml_cgraph *    graph = ggml_new_graph_custom(ctx, n_node, false);

    const std::unique_ptr<layer_ops> ops = make_ops(engine, ctx, graph, request);
    graph_build(*ops, graph, *engine.base, request.backward);
    ggml_status status = GGML_STATUS_ALLOC_FAILED;
    if (ggml_gallocr_alloc_graph(worker.alloc, graph)) {
        ops->upload();
        status = ggml_backend_graph_compute(worker.backend, graph);
        if (status == GGML_STATUS_SUCCESS) {
            ops->download();
        }
    }
    ggml_free(ctx);
    if (status == GGML_STATUS_ALLOC_FAILED) {
        throw worker_error("out-of-memory",
                           "There is not enough memory for a batch of " + std::to_string(request.batch->tokens.size()) +
                               " tokens.",
                           "Close other programs or choose a smaller base model.", EXIT_CODE_MEMORY);
    }
    if (status != GGML_STATUS_SUCCESS && status != GGML_STATUS_ABORTED) {
        throw worker_error("compute-failed", "The computation of a batch failed.", "Start the training again.",
                           EXIT_CODE_FAILED);
    }
    return status == GGML_STATUS_SUCCESS && !engine.stop;
}

// One micro-batch, after the base's own pass over the sequences whose loss is the divergence from it.
static bool run_batch(engine & engine, engine_worker & worker, pass_request request) {
    const std::vector<uint8_t> & kl = request.batch->kl;
    if (!request.adapted || std::find(kl.begin(), kl.end(), 1) == kl.end()) {
        return run_pass(engine, worker, request);
    }
    const micro_batch batch = micro_batch_of_kl(*request.batch);
    worker.teacher.resize(batch.rows.size() * engine.base->hparams.n_embd);
    pass_output  unused;
    pass_request teacher;
    teacher.batch   = &batch;
    teacher.adapted = false;
    teacher.output  = &unused;
    teacher.hidden  = worker.teacher.data();
    if (!run_pass(engine, worker, teacher)) {
        return false;
    }
    request.teacher = worker.teacher.data();
    return run_pass(engine, worker, request);
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
            done = run_batch(engine, worker, request);
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
