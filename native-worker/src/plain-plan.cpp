#include "plain-plan.h"

#include "error.h"
#include "ggml-alloc.h"

#include <algorithm>

void plain_check_nodes(ggml_cgraph * graph, ggml_backend_dev_t dev, const std::string & device) {
    for (int i = 0; i < ggml_graph_n_nodes(graph); i++) {
        const ggml_tensor * node = ggml_graph_node(graph, i);
        if (!ggml_backend_dev_supports_op(dev, node)) {
            const std::string of = node->src[0] ? std::string(" of ") + ggml_type_name(node->src[0]->type) : "";
            throw worker_error("device-unsupported",
                               "The device " + device + " does not compute " + ggml_op_desc(node) + of + ".",
                               "Train on the CPU or choose another base model.", EXIT_CODE_FAILED);
        }
    }
}

std::vector<micro_batch> plain_largest(const std::vector<micro_batch> & batches) {
    std::vector<size_t> chosen;
    const auto          choose = [&](auto size) {
        size_t best = 0;
        for (size_t i = 1; i < batches.size(); i++) {
            best = size(batches[i]) > size(batches[best]) ? i : best;
        }
        if (std::find(chosen.begin(), chosen.end(), best) == chosen.end()) {
            chosen.push_back(best);
        }
    };
    choose([](const micro_batch & cur) { return (int64_t) cur.n_seq * cur.n_len; });
    choose([](const micro_batch & cur) { return (int64_t) cur.n_seq * cur.n_len * cur.n_len; });
    choose([](const micro_batch & cur) { return (int64_t) cur.rows.size(); });
    std::vector<micro_batch> out;
    for (size_t i : chosen) {
        out.push_back(batches[i]);
    }
    return out;
}

namespace {

std::string size_text(int64_t bytes) {
    char text[32];
    snprintf(text, sizeof(text), bytes < 1000000000 ? "%.0f MB" : "%.2f GB", bytes / (bytes < 1000000000 ? 1e6 : 1e9));
    return text;
}

// A pass over the batch as the allocator would lay it out. The weights have no memory yet: an address that nobody
// reads keeps the allocator from counting them.
int64_t measure_pass(const model & base, const lora & adapter, const plain_weights & weights, const micro_batch & batch,
                     const device_info & device) {
    const size_t           n_node = plain_node_limit(base, batch, weights.settings);
    const ggml_init_params init   = { ggml_tensor_overhead() * n_node * 2 + ggml_graph_overhead_custom(n_node, false),
                                      nullptr, true };
    ggml_context *         ctx    = ggml_init(init);
    ggml_cgraph *          graph  = ggml_new_graph_custom(ctx, n_node, false);
    pass_request           request;
    request.batch    = &batch;
    request.backward = !weights.settings.forward_only;
    if (!batch.kl.empty()) {
        request.teacher = (const float *) &batch; // only that there is one counts here
    }

    const std::unique_ptr<layer_ops> ops = plain_ops_init({ ctx, graph, &base, &adapter, &weights, request });
    graph_build(*ops, graph, base, request.backward);
    ggml_gallocr_t alloc = ggml_gallocr_new(ggml_backend_dev_buffer_type(device.dev));
    size_t         size  = 0;
    try {
        plain_check_nodes(graph, device.dev, device.name);
        ggml_gallocr_reserve_n_size(alloc, graph, nullptr, nullptr, &size);
    } catch (...) {
        ggml_gallocr_free(alloc);
        ggml_free(ctx);
        throw;
    }
    ggml_gallocr_free(alloc);
    ggml_free(ctx);
    return (int64_t) size;
}

// Some back ends turn a whole weight into F16 before they multiply it.
int64_t scratch_of(const model & base) {
    int64_t most = ggml_nelements(base.output);
    for (const model_group & group : base.layers.at(0).groups) {
        for (const model_linear & linear : group.members) {
            most = std::max(most, ggml_nelements(linear.weight));
        }
    }
    return 2 * most;
}

plain_plan try_settings(const model & base, const lora & adapter, const device_info & device,
                        const plain_settings & settings, int n_token, const std::vector<micro_batch> & batches) {
    plain_plan plan;
    plan.settings = settings;
    plan.n_token  = n_token;
    plain_weights weights;
    plain_weights_layout(weights, base, adapter, settings);
    plan.weight_bytes =
        (int64_t) ggml_backend_alloc_ctx_tensors_from_buft_size(weights.ctx, ggml_backend_dev_buffer_type(device.dev));
    for (ggml_tensor * cur = ggml_get_first_tensor(weights.ctx); cur; cur = ggml_get_next_tensor(weights.ctx, cur)) {
        cur->data = weights.ctx;
    }
    for (const micro_batch & batch : plain_largest(batches)) {
        plan.pass_bytes = std::max(plan.pass_bytes, measure_pass(base, adapter, weights, batch, device));
    }
    plan.pass_bytes += scratch_of(base);
    return plan;
}

// Kernels, pools and what the screen may take meanwhile.
int64_t usable(const device_info & device, const plain_wishes & wishes) {
    const int64_t reserve = device.type == "software" ? (int64_t) 64 << 20 : (int64_t) 320 << 20;
    const int64_t free    = std::max<int64_t>(0, device.memory_free - device.memory_free / 32 - reserve);
    return wishes.limit > 0 ? std::min(wishes.limit, free) : free;
}

} // namespace

plain_plan plain_plan_make(const model & base, const lora & adapter, const device_info & device,
                           const plain_wishes & wishes, const batches_of_size & make_batches) {
    const int64_t    free = usable(device, wishes);
    std::vector<int> large;
    std::vector<int> small;
    for (int n_token : { 2048, 1024, 512, 256, 128, 64 }) {
        (n_token >= 256 ? large : small).push_back(n_token);
    }
    if (wishes.n_token > 0) {
        large = { wishes.n_token };
        small.clear();
    }
    plain_plan least;
    for (const bool transposed : { true, false }) {
        if (wishes.backward == (transposed ? "dequantised" : "transposed")) {
            continue;
        }
        std::vector<int> sizes = large;
        if (!transposed || wishes.backward == "transposed") {
            sizes.insert(sizes.end(), small.begin(), small.end());
        }
        for (int n_token : sizes) {
            plain_settings settings;
            settings.upload     = true;
            settings.transposed = transposed;
            if (n_token < 256) {
                settings.head_rows   = 16;
                settings.block_bytes = (int64_t) 32 << 20;
            }
            least            = try_settings(base, adapter, device, settings, n_token, make_batches(n_token));
            least.free_bytes = free;
            if (least.memory_bytes() <= free) {
                return least;
            }
        }
    }
    throw worker_error("out-of-memory",
                       "Cannot train on " + device.name + ": the least it takes is " + size_text(least.memory_bytes()) +
                           " (" + size_text(least.weight_bytes) + " for the model, " + size_text(least.pass_bytes) +
                           " for a pass), " + size_text(free) + " can be used.",
                       "Choose a smaller base model, close other programs or train on the CPU.", EXIT_CODE_MEMORY);
}
