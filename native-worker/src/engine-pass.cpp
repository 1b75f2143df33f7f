#include "engine-pass.h"

#include <algorithm>

static std::unique_ptr<layer_ops> make_ops(engine & engine, ggml_context * ctx, ggml_cgraph * graph,
                                           const pass_request & request) {
    if (engine.params.mode == GEMM_GGML) {
        return plain_ops_init({ ctx, graph, engine.base, engine.adapter, &engine.plain, request });
    }
    return cpu_ops_init({ ctx, graph, engine.base, &engine.weights, &engine.packed, request });
}

namespace {

// The nodes of one pass and the context that holds them.
struct pass_graph {
    ggml_context *             ctx   = nullptr;
    ggml_cgraph *              graph = nullptr;
    ggml_cgraph *              part  = nullptr; // takes one slice after the other
    std::unique_ptr<layer_ops> ops;

    pass_graph(engine & engine, const pass_request & request) {
        const size_t           n_node = engine.params.mode == GEMM_GGML
                                            ? plain_node_limit(*engine.base, *request.batch, engine.params.plain)
                                            : 128 + (size_t) engine.base->hparams.n_layer * 64;
        const size_t           n_part = (size_t) engine.slice;
        const ggml_init_params init   = { ggml_tensor_overhead() * n_node * 2 +
                                              ggml_graph_overhead_custom(n_node, false) +
                                              ggml_graph_overhead_custom(n_part, false),
                                          nullptr, true };
        ctx                           = ggml_init(init);
        graph                         = ggml_new_graph_custom(ctx, n_node, false);
        part                          = n_part > 0 ? ggml_new_graph_custom(ctx, n_part, false) : nullptr;
        ops                           = make_ops(engine, ctx, graph, request);
        graph_build(*ops, graph, *engine.base, request.backward);
    }
    pass_graph(const pass_graph &) = delete;
    ~pass_graph() { ggml_free(ctx); }
};

} // namespace

// The whole graph at once, or slice by slice with a look at `stop` in between.
static ggml_status compute(engine & engine, ggml_backend_t backend, const pass_graph & pass) {
    const int n_node = ggml_graph_n_nodes(pass.graph);
    const int slice  = engine.slice > 0 ? engine.slice : n_node;
    for (int first = 0; first < n_node; first += slice) {
        ggml_cgraph * part = pass.graph;
        if (slice < n_node) {
            part = pass.part;
            ggml_graph_clear(part);
            for (int i = first; i < std::min(first + slice, n_node); i++) {
                ggml_graph_add_node(part, ggml_graph_node(pass.graph, i));
            }
        }
        const ggml_status status = ggml_backend_graph_compute(backend, part);
        if (status != GGML_STATUS_SUCCESS) {
            return status;
        }
        if (engine.stop) {
            return GGML_STATUS_ABORTED;
        }
    }
    return GGML_STATUS_SUCCESS;
}

// One micro-batch on one worker. false = stopped.
static bool run_pass(engine & engine, engine_worker & worker, const pass_request & request) {
    ggml_status status = GGML_STATUS_ALLOC_FAILED;
    on_device(engine, [&] {
        const pass_graph pass(engine, request);
        if (ggml_gallocr_alloc_graph(worker.alloc, pass.graph)) {
            pass.ops->upload();
            status = compute(engine, worker.backend, pass);
            if (status == GGML_STATUS_SUCCESS) {
                pass.ops->download();
            }
        }
    });
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

bool engine_pass(engine & engine, engine_worker & worker, pass_request request) {
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

void engine_reserve(engine & engine, const std::vector<micro_batch> & batches, bool backward) {
    for (const micro_batch & batch : batches) {
        pass_request request;
        request.batch    = &batch;
        request.backward = backward;
        if (!batch.kl.empty()) {
            request.teacher = (const float *) &batch; // only that there is one counts here
        }
        for (const auto & worker : engine.workers) {
            bool right = false;
            on_device(engine, [&] {
                const pass_graph pass(engine, request);
                right = ggml_gallocr_reserve(worker->alloc, pass.graph);
            });
            if (!right) {
                throw worker_error("out-of-memory",
                                   "The memory of " + engine.device_name + " does not suffice for a batch of " +
                                       std::to_string(batch.tokens.size()) + " tokens.",
                                   "Close other programs or choose a smaller base model.", EXIT_CODE_MEMORY);
            }
        }
    }
}
