#include "lora.h"

#include "error.h"
#include "random.h"

#include <algorithm>
#include <cmath>
#include <cstring>

float lora_scale(const lora & adapter) {
    return adapter.alpha / (float) adapter.rank;
}

lora lora_layout(const model & base, int rank, float alpha, const std::vector<std::string> & modules) {
    lora   adapter;
    size_t n_param = 0;
    adapter.rank   = rank;
    adapter.alpha  = alpha;
    adapter.layers.resize(base.layers.size());
    for (size_t il = 0; il < base.layers.size(); il++) {
        for (int kind = 0; kind < GROUP_COUNT; kind++) {
            const model_group & group = base.layers[il].groups[kind];
            lora_group          out;
            out.offset_a = n_param;
            for (size_t i = 0; i < group.members.size(); i++) {
                const model_linear & linear = group.members[i];
                if (std::find(modules.begin(), modules.end(), linear.module) == modules.end()) {
                    out.pair.push_back(-1);
                    continue;
                }
                lora_pair pair;
                pair.name     = linear.name + ".weight";
                pair.layer    = (int) il;
                pair.group    = kind;
                pair.member   = (int) i;
                pair.rank     = rank;
                pair.n_in     = linear.n_in;
                pair.n_out    = linear.n_out;
                pair.t_row    = out.n_t;
                pair.offset_a = n_param;
                out.pair.push_back((int) adapter.pairs.size());
                adapter.pairs.push_back(pair);
                out.n_t += rank;
                n_param += (size_t) rank * linear.n_in;
            }
            for (int index : out.pair) {
                if (index >= 0) {
                    lora_pair & pair = adapter.pairs[index];
                    pair.offset_b    = n_param;
                    n_param += (size_t) pair.rank * pair.n_out;
                }
            }
            adapter.layers[il].push_back(out);
        }
    }
    for (const std::string & module : modules) {
        const auto has = [&](const lora_pair & pair) {
            return base.layers[pair.layer].groups[pair.group].members[pair.member].module == module;
        };
        if (std::none_of(adapter.pairs.begin(), adapter.pairs.end(), has)) {
            throw worker_error("bad-config", "There is no target module named \"" + module + "\".",
                               "Use attn_q, attn_k, attn_v, attn_output, ffn_gate, ffn_up or ffn_down.",
                               EXIT_CODE_CONFIG);
        }
    }
    adapter.params.assign(n_param, 0.0f);
    return adapter;
}

void lora_init(lora & adapter, uint64_t seed) {
    std::fill(adapter.params.begin(), adapter.params.end(), 0.0f);
    for (const lora_pair & pair : adapter.pairs) {
        random_source random = random_init(seed ^ random_hash(pair.name));
        const float   bound  = 1.0f / std::sqrt((float) pair.n_in);
        float *       a      = adapter.params.data() + pair.offset_a;
        for (size_t i = 0; i < (size_t) pair.rank * pair.n_in; i++) {
            a[i] = bound * (2.0f * random_uniform(random) - 1.0f);
        }
    }
}

[[noreturn]] static void fail_mismatch(const std::string & what) {
    throw worker_error("adapter-mismatch", what,
                       "Use an adapter of the same base model, rank, alpha and target modules.", EXIT_CODE_CONFIG);
}

static float read_alpha(const model & file, const std::string & path) {
    const int64_t id = gguf_find_key(file.gguf, "adapter.lora.alpha");
    if (id < 0 || gguf_get_kv_type(file.gguf, id) != GGUF_TYPE_FLOAT32) {
        fail_mismatch("The file " + path + " is not a LoRA adapter.");
    }
    return gguf_get_val_f32(file.gguf, id);
}

static void load_tensor(const model & file, const std::string & name, int64_t ne0, int64_t ne1, float * dst) {
    const ggml_tensor * cur = ggml_get_tensor(file.ctx, name.c_str());
    if (!cur || cur->ne[0] != ne0 || cur->ne[1] != ne1 || cur->ne[2] != 1 || cur->ne[3] != 1 ||
        (cur->type != GGML_TYPE_F32 && cur->type != GGML_TYPE_F16)) {
        fail_mismatch("The adapter has no fitting tensor " + name + ".");
    }
    model_dequantise(cur, 0, ne1, dst);
}

void lora_load(lora & adapter, const std::string & path) {
    const std::unique_ptr<model> file = model_open(path, nullptr, false);
    if (read_alpha(*file, path) != adapter.alpha) {
        fail_mismatch("The adapter " + path + " has another alpha.");
    }
    for (const lora_pair & pair : adapter.pairs) {
        load_tensor(*file, pair.name + ".lora_a", pair.n_in, pair.rank, adapter.params.data() + pair.offset_a);
        load_tensor(*file, pair.name + ".lora_b", pair.rank, pair.n_out, adapter.params.data() + pair.offset_b);
    }
}

lora lora_open(const model & base, const std::string & path) {
    const std::unique_ptr<model> file = model_open(path, nullptr, false);
    std::vector<std::string>     modules;
    int64_t                      rank = 0;
    for (const model_group & group : base.layers.at(0).groups) {
        for (const model_linear & linear : group.members) {
            const ggml_tensor * a = ggml_get_tensor(file->ctx, (linear.name + ".weight.lora_a").c_str());
            if (a) {
                modules.push_back(linear.module);
                rank = a->ne[1];
            }
        }
    }
    if (modules.empty() || rank < 1 || rank > 1024) {
        fail_mismatch("The adapter " + path + " does not fit the base model.");
    }
    lora adapter = lora_layout(base, (int) rank, read_alpha(*file, path), modules);
    lora_load(adapter, path);
    return adapter;
}
