#include "merge-plan.h"

#include "error.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <set>

namespace {

[[noreturn]] void fail_mismatch(const std::string & what) {
    throw worker_error("adapter-mismatch", what, "Choose an adapter that was trained on this base model.",
                       EXIT_CODE_CONFIG);
}

[[noreturn]] void fail_type(const std::string & what) {
    throw worker_error("bad-config", what, "Choose f16 or q8_0.", EXIT_CODE_CONFIG);
}

// The types a merge writes, and what llama.cpp calls a file of them (general.file_type).
struct offered_type {
    const char * name;
    ggml_type    type;
    int          file_type;
};

const offered_type OFFERED[] = {
    { "f32", GGML_TYPE_F32, 0 },    { "f16", GGML_TYPE_F16, 1 },        { "bf16", GGML_TYPE_BF16, 32 },
    { "q8_0", GGML_TYPE_Q8_0, 7 },  { "q4_0", GGML_TYPE_Q4_0, 2 },      { "q4_1", GGML_TYPE_Q4_1, 3 },
    { "q5_0", GGML_TYPE_Q5_0, 8 },  { "q5_1", GGML_TYPE_Q5_1, 9 },      { "q2_k", GGML_TYPE_Q2_K, 10 },
    { "q3_k", GGML_TYPE_Q3_K, 11 }, { "q4_k", GGML_TYPE_Q4_K, 14 },     { "q5_k", GGML_TYPE_Q5_K, 16 },
    { "q6_k", GGML_TYPE_Q6_K, 18 }, { "iq4_nl", GGML_TYPE_IQ4_NL, 25 }, { "iq4_xs", GGML_TYPE_IQ4_XS, 30 },
};

const offered_type & find_type(const std::string & name) {
    std::string lower = name;
    std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
    for (const offered_type & cur : OFFERED) {
        if (lower == cur.name) {
            return cur;
        }
    }
    for (const char * prefix : { "iq1", "iq2", "iq3" }) {
        if (lower.rfind(prefix, 0) == 0) {
            fail_type("The type " + lower + " needs an importance matrix, which a merge does not have.");
        }
    }
    fail_type("A model of type \"" + name + "\" cannot be written.");
}

bool is_offered(ggml_type type) {
    return std::any_of(std::begin(OFFERED), std::end(OFFERED),
                       [type](const offered_type & cur) { return cur.type == type; });
}

double bits_of(ggml_type type) {
    return 8.0 * (double) ggml_type_size(type) / (double) ggml_blck_size(type);
}

bool ends_with(const std::string & text, const std::string & end) {
    return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

// The matrices that an adapter may change.
std::set<std::string> adaptable_names(const model & base) {
    std::set<std::string> names;
    for (const model_layer & layer : base.layers) {
        for (const model_group & group : layer.groups) {
            for (const model_linear & linear : group.members) {
                names.insert(linear.name + ".weight");
            }
        }
    }
    if (base.output != base.token_embd) {
        names.insert("output.weight");
    }
    return names;
}

bool is_readable(const ggml_tensor * cur) {
    return cur->type == GGML_TYPE_F32 || ggml_get_type_traits(cur->type)->to_float;
}

void check_finite(const ggml_tensor * cur) {
    std::vector<float> row((size_t) cur->ne[0]);
    for (int64_t i = 0; i < cur->ne[1]; i++) {
        model_dequantise(cur, i, 1, row.data());
        if (!std::all_of(row.begin(), row.end(), [](float value) { return std::isfinite(value); })) {
            fail_mismatch(std::string("The adapter's tensor ") + cur->name + " holds values that are not numbers.");
        }
    }
}

void check_pair(const ggml_tensor * weight, const low_rank_delta & delta) {
    const std::string name = weight->name;
    if (!delta.a || !delta.b) {
        fail_mismatch("The adapter has only one half of the pair for " + name + ".");
    }
    const auto flat = [](const ggml_tensor * cur) { return cur->ne[2] == 1 && cur->ne[3] == 1; };
    if (delta.a->ne[1] < 1 || !flat(delta.a) || !flat(delta.b) || delta.a->ne[0] != weight->ne[0] ||
        delta.b->ne[1] != weight->ne[1] || delta.a->ne[1] != delta.b->ne[0] || !is_readable(delta.a) ||
        !is_readable(delta.b)) {
        fail_mismatch("The adapter does not fit this base model: its pair for " + name + " has another shape than " +
                      std::to_string(weight->ne[1]) + " x " + std::to_string(weight->ne[0]) + ".");
    }
    check_finite(delta.a);
    check_finite(delta.b);
}

std::string text_of(const gguf_context * gguf, const char * key) {
    const int64_t id = gguf_find_key(gguf, key);
    return id >= 0 && gguf_get_kv_type(gguf, id) == GGUF_TYPE_STRING ? gguf_get_val_str(gguf, id) : "";
}

float alpha_of(const gguf_context * gguf) {
    const int64_t id = gguf_find_key(gguf, "adapter.lora.alpha");
    if (id < 0) {
        return 0.0f;
    }
    if (gguf_get_kv_type(gguf, id) != GGUF_TYPE_FLOAT32 || !std::isfinite(gguf_get_val_f32(gguf, id))) {
        fail_mismatch("The adapter's alpha is not a number.");
    }
    return gguf_get_val_f32(gguf, id);
}

std::unique_ptr<model> open_adapter_file(const std::string & path) {
    try {
        return model_open(path, nullptr, false);
    } catch (const worker_error & error) {
        if (error.code == "model-missing") {
            fail_mismatch("The adapter file cannot be opened: " + path + ".");
        }
        fail_mismatch("The adapter file is damaged or no GGUF file: " + path + ".");
    }
}

void check_kind(const model & base, const gguf_context * gguf) {
    if (text_of(gguf, "general.type") != "adapter" || text_of(gguf, "adapter.type") != "lora") {
        fail_mismatch("The file given as adapter is not a LoRA adapter.");
    }
    const std::string architecture = text_of(gguf, "general.architecture");
    if (architecture != base.hparams.architecture) {
        fail_mismatch("The adapter is for a model of the architecture \"" + architecture + "\", the base model is \"" +
                      base.hparams.architecture + "\".");
    }
    if (gguf_find_key(gguf, "adapter.alora.invocation_tokens") >= 0) {
        fail_mismatch("The adapter works only from certain tokens on and cannot be merged into the weights.");
    }
    const int64_t     merged = gguf_find_key(base.gguf, "keepsake.merged");
    const std::string run    = text_of(gguf, "keepsake.run_id");
    if (merged >= 0 && !run.empty() && run == text_of(base.gguf, "keepsake.run_id")) {
        fail_mismatch("This adapter is already merged into the base model.");
    }
}

ggml_type fitting_type(ggml_type type, int64_t width) {
    if (width % ggml_blck_size(type) == 0) {
        return type;
    }
    return width % ggml_blck_size(GGML_TYPE_Q8_0) == 0 ? GGML_TYPE_Q8_0 : GGML_TYPE_F16;
}

// The embedding and the head lose most by few bits: they stay at 8, or as they are where they have fewer already.
ggml_type type_of_matrix(const merge_plan & plan, const merge_tensor & cur, bool is_vocabulary) {
    const ggml_type own = cur.source->type;
    if (!plan.is_type_given) {
        return own;
    }
    ggml_type type = plan.type;
    if (is_vocabulary && bits_of(type) < bits_of(GGML_TYPE_Q8_0)) {
        type = GGML_TYPE_Q8_0;
    }
    // Writing an unchanged weight with other blocks of the same or a larger size would only lose precision.
    if (!cur.delta && ggml_is_quantized(own) && ggml_is_quantized(type) && bits_of(own) <= bits_of(type)) {
        return own;
    }
    return type;
}

void note_exception(merge_plan & plan, int n_in, ggml_type wanted, ggml_type type) {
    for (merge_exception & cur : plan.exceptions) {
        if (cur.n_in == n_in && cur.wanted == wanted && cur.type == type) {
            cur.n++;
            return;
        }
    }
    plan.exceptions.push_back({ 1, n_in, wanted, type });
}

} // namespace

merge_adapter merge_adapter_open(const model & base, const std::string & path) {
    merge_adapter out;
    out.file                       = open_adapter_file(path);
    const gguf_context *  gguf     = out.file->gguf;
    const float           alpha    = (check_kind(base, gguf), alpha_of(gguf));
    std::set<std::string> may_hold = adaptable_names(base);
    for (int64_t i = 0; i < gguf_get_n_tensors(gguf); i++) {
        const std::string name = gguf_get_tensor_name(gguf, i);
        if (!ends_with(name, ".lora_a") && !ends_with(name, ".lora_b")) {
            fail_mismatch("The adapter holds the tensor " + name + ", which is no low-rank pair.");
        }
        const std::string target = name.substr(0, name.size() - 7);
        if (may_hold.count(target) == 0) {
            fail_mismatch("The adapter changes " + target + ", which the base model does not have as a weight.");
        }
        const ggml_tensor * cur                          = ggml_get_tensor(out.file->ctx, name.c_str());
        low_rank_delta &    delta                        = out.deltas[target];
        (ends_with(name, ".lora_a") ? delta.a : delta.b) = cur;
    }
    if (out.deltas.empty()) {
        fail_mismatch("The adapter holds nothing to merge.");
    }
    for (auto & item : out.deltas) {
        check_pair(ggml_get_tensor(base.ctx, item.first.c_str()), item.second);
        if (alpha != 0.0f) {
            item.second.scale = alpha / (float) item.second.b->ne[0];
        }
    }
    return out;
}

merge_plan merge_plan_make(const model & base, const merge_adapter & adapter, const std::string & type) {
    merge_plan plan;
    plan.is_type_given = type != "base";
    if (plan.is_type_given) {
        plan.type      = find_type(type).type;
        plan.file_type = find_type(type).file_type;
    }
    const std::set<std::string> linears = adaptable_names(base);
    for (int64_t i = 0; i < gguf_get_n_tensors(base.gguf); i++) {
        const std::string name  = gguf_get_tensor_name(base.gguf, i);
        const auto        found = adapter.deltas.find(name);
        merge_tensor      cur;
        cur.source               = ggml_get_tensor(base.ctx, name.c_str());
        cur.type                 = cur.source->type;
        cur.delta                = found == adapter.deltas.end() ? nullptr : &found->second;
        const bool is_vocabulary = cur.source == base.token_embd || cur.source == base.output;
        if (is_vocabulary || linears.count(name) > 0) {
            const ggml_type wanted = type_of_matrix(plan, cur, is_vocabulary);
            cur.type               = fitting_type(wanted, cur.source->ne[0]);
            if (cur.type != wanted) {
                note_exception(plan, (int) cur.source->ne[0], wanted, cur.type);
            }
        }
        if (cur.type != cur.source->type || cur.delta) {
            if (!is_offered(cur.type)) {
                fail_type("Tensor " + name + " is of type " + ggml_type_name(cur.type) +
                          ", in which changed values cannot be written.");
            }
        }
        plan.tensors.push_back(cur);
    }
    return plan;
}
