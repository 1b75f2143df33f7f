// The variants inside the families llama, qwen2 and qwen3: what is supported gives libllama's logits and one gradient
// on both paths; what is not is refused by name before any tensor is read.

#include "adapter-file.h"
#include "check.h"
#include "error.h"
#include "llama-reference.h"
#include "toy.h"
#include "worker-process.h"

#include "gguf.h"

#include <cmath>
#include <cstdlib>
#include <functional>

using nlohmann::json;

namespace {

const double EXACT_LIMIT  = 1e-5;    // of the logits, relative; measured 1e-6
const double COSINE_LIMIT = 0.99999; // of the gradients of the two paths, both on F32 weights

struct variant {
    std::string        name;
    tiny_model_options options;
};

tiny_model_options shaped(const std::string & arch, int n_embd, int n_head, int n_head_kv, int head_dim = 0) {
    tiny_model_options out;
    out.arch      = arch;
    out.n_embd    = n_embd;
    out.n_head    = n_head;
    out.n_head_kv = n_head_kv;
    out.head_dim  = head_dim;
    out.n_ff      = 96;
    return out;
}

tiny_model_options scaled(const std::string & arch, const std::string & type, float factor, int n_orig = 0,
                          float attn_factor = 0.0f) {
    tiny_model_options out = shaped(arch, 64, 4, 2);
    out.rope_scaling       = type;
    out.rope_factor        = factor;
    out.rope_orig_ctx      = n_orig;
    out.rope_attn_factor   = attn_factor;
    return out;
}

std::vector<variant> all_variants() {
    std::vector<variant> out = {
        { "llama, linear scaling", scaled("llama", "linear", 4.0f) },
        { "llama, a factor without a type", scaled("llama", "", 4.0f) },
        { "llama, scaling none in spite of a factor", scaled("llama", "none", 4.0f) },
        { "llama, YaRN", scaled("llama", "yarn", 4.0f, 32) },
        { "llama, YaRN with an own size", scaled("llama", "yarn", 8.0f, 16, 1.3f) },
        { "llama, YaRN without a factor", scaled("llama", "yarn", 0.0f) },
        { "llama, YaRN that shrinks", scaled("llama", "yarn", 0.5f, 32) },
        { "llama, linear scaling with an own size", scaled("llama", "linear", 2.0f, 0, 0.8f) },
        { "llama, Llama 3's factors", scaled("llama", "", 0.0f) },
        { "llama, Llama 3's factors and YaRN", scaled("llama", "yarn", 4.0f, 32) },
        { "qwen2, YaRN", scaled("qwen2", "yarn", 4.0f, 32) },
        { "qwen2, linear scaling, own head", scaled("qwen2", "linear", 2.0f) },
        { "qwen3, YaRN", scaled("qwen3", "yarn", 4.0f, 32) },
        { "qwen3, linear scaling, own head", scaled("qwen3", "linear", 2.0f) },
        { "llama, heads wider than the model", shaped("llama", 64, 4, 2, 32) },
        { "llama, heads narrower than the model", shaped("llama", 96, 4, 2, 16) },
        { "llama, biases everywhere, own head", shaped("llama", 64, 4, 2) },
        { "qwen3, biases, narrow heads", shaped("qwen3", 96, 4, 2, 16) },
        { "llama, one head to a key", shaped("llama", 64, 4, 4) },
        { "llama, three heads to a key", shaped("llama", 96, 3, 1) },
        { "qwen2, four heads to a key", shaped("qwen2", 128, 8, 2) },
        { "qwen3, eight heads to a key", shaped("qwen3", 64, 8, 1) },
    };
    for (variant & cur : out) {
        cur.options.tied         = cur.name.find("own head") == std::string::npos;
        cur.options.biases       = cur.name.find("biases") != std::string::npos;
        cur.options.rope_factors = cur.name.find("Llama 3") != std::string::npos;
    }
    return out;
}

double cosine(const std::vector<float> & a, const std::vector<float> & b) {
    double dot = 0.0;
    double aa  = 0.0;
    double bb  = 0.0;
    for (size_t i = 0; i < a.size(); i++) {
        dot += (double) a[i] * b[i];
        aa += (double) a[i] * a[i];
        bb += (double) b[i] * b[i];
    }
    return dot / std::sqrt(aa * bb);
}

double relative_difference(const std::vector<std::vector<float>> & found,
                           const std::vector<std::vector<float>> & expected) {
    double difference = 0.0;
    double size       = 0.0;
    for (size_t row = 0; row < found.size(); row++) {
        for (size_t i = 0; i < found[row].size(); i++) {
            difference += std::pow((double) found[row][i] - expected[row][i], 2);
            size += std::pow((double) expected[row][i], 2);
        }
    }
    return std::sqrt(difference / size);
}

std::vector<int32_t> random_tokens(int n) {
    tiny_random          random(9);
    std::vector<int32_t> tokens;
    for (int i = 0; i < n; i++) {
        tokens.push_back((int32_t) random.below(tiny_n_vocab));
    }
    return tokens;
}

std::vector<std::vector<float>> logits_of(toy & cur, const std::vector<int32_t> & tokens) {
    return run_logits(cur, { make_batch({ tokens }, { std::vector<float>(tokens.size(), 1.0f) }, 1.0f) }, true);
}

void check_variant(const temp_folder & folder, const tiny_model_options & options) {
    const std::string path    = folder.path("variant.gguf");
    const std::string adapter = folder.path("variant-adapter.gguf");
    write_tiny_model(options, path);
    const auto tokens = random_tokens(100);
    const auto fast   = open_toy(path, GEMM_F32, 4, 12.0f, 0.15f);
    const auto plain  = open_toy(path, GEMM_GGML, 4, 12.0f, 0.15f);
    adapter_file_write(adapter, fast->adapter, options.arch, {});
    auto expected = llama_reference(path, adapter, 1).logits(tokens);
    expected.pop_back(); // the worker predicts every token but the first
    const double error_fast  = relative_difference(logits_of(*fast, tokens), expected);
    const double error_plain = relative_difference(logits_of(*plain, tokens), expected);

    const std::vector<micro_batch> batches = random_batches({ 90, 24 }, 3);
    std::vector<float>             grads_fast;
    std::vector<float>             grads_plain;
    run_grads(*fast, batches, grads_fast);
    run_grads(*plain, batches, grads_plain);
    const double angle = cosine(grads_fast, grads_plain);
    std::printf("        logits: own kernels %.1e, ggml's %.1e; gradient cosine %.8f\n", error_fast, error_plain,
                angle);
    CHECK(error_fast <= EXACT_LIMIT, error_fast);
    CHECK(error_plain <= EXACT_LIMIT, error_plain);
    CHECK(angle >= COSINE_LIMIT, angle);
    if (options.biases && gemm_has_bf16()) { // where a bias and a rounded product meet
        const auto         rounded = open_toy(path, GEMM_BF16, 4, 12.0f, 0.15f);
        std::vector<float> grads;
        run_grads(*rounded, batches, grads);
        CHECK(relative_difference(logits_of(*rounded, tokens), expected) <= 0.02, "BF16 logits");
        CHECK(cosine(grads, grads_plain) >= 0.999, "BF16 gradient");
    }
}

// A scaling that changes nothing would pass the comparison above for the wrong reason.
void check_scaling_counts(const temp_folder & folder) {
    const auto tokens = random_tokens(100);
    const auto run    = [&](const tiny_model_options & options) {
        write_tiny_model(options, folder.path("scaled.gguf"));
        return logits_of(*open_toy(folder.path("scaled.gguf"), GEMM_F32, 4, 12.0f, 0.15f), tokens);
    };
    const auto none = run(scaled("llama", "", 0.0f));
    CHECK(relative_difference(run(scaled("llama", "none", 4.0f)), none) == 0.0, "none");
    CHECK(relative_difference(run(scaled("llama", "linear", 4.0f)), none) > 0.05, "linear");
    const auto yarn = run(scaled("llama", "yarn", 4.0f, 32));
    CHECK(relative_difference(yarn, none) > 0.05, "yarn");
    CHECK(relative_difference(yarn, run(scaled("llama", "linear", 4.0f))) > 0.05, "yarn as linear");
    CHECK(relative_difference(yarn, run(scaled("llama", "yarn", 4.0f, 96))) > 0.01, "the original context");
    CHECK(relative_difference(yarn, run(scaled("llama", "yarn", 4.0f, 32, 1.3f))) > 0.01, "the size");
}

// Weight types beside those of test-parity: libllama on the decoded numbers.
void check_type(const temp_folder & folder, const std::string & type) {
    tiny_model_options options;
    options.type  = type;
    options.n_ff  = 256;
    const auto in = folder.path("type.gguf");
    write_tiny_model(options, in);
    write_dequantised_model(in, folder.path("type-exact.gguf"));
    const auto tokens = random_tokens(40);
    const auto cur    = open_toy(in, GEMM_F32, 4, 12.0f, 0.0f);
    auto       exact  = llama_reference(folder.path("type-exact.gguf"), "", 1).logits(tokens);
    exact.pop_back();
    CHECK(relative_difference(logits_of(*cur, tokens), exact) <= EXACT_LIMIT, type);
    const auto plain = open_toy(in, GEMM_GGML, 4, 12.0f, 0.0f);
    CHECK(relative_difference(logits_of(*plain, tokens), exact) <= 0.1, type); // activations rounded to 8 bits
}

// The worker teaches a variant and libllama says what was taught.
void check_taught(const temp_folder & folder, const tiny_model_options & options) {
    const std::string base   = folder.path("taught.gguf");
    const std::string output = folder.path("taught-adapter.gguf");
    write_tiny_model(options, base);
    write_random_dataset(folder.path("train.jsonl"), 6, 51);
    json config                = tiny_train_config(folder, base, folder.path("train.jsonl"));
    config["epochs"]           = 120;
    config["batch_size"]       = 6;
    config["output"]           = output;
    config["checkpoint"]       = "";
    const worker_result result = run_worker_config(folder, "train", config);
    CHECK(result.exit_code == 0, result.exit_code, result.errors, result.last("error").dump());
    llama_reference    tuned(base, output, 1);
    std::istringstream lines(read_file(folder.path("train.jsonl")));
    int                right = 0;
    for (std::string line; std::getline(lines, line);) {
        const json           sample = json::parse(line);
        std::vector<int32_t> prompt;
        std::vector<int32_t> answer;
        for (size_t i = 0; i < sample["tokens"].size(); i++) {
            (sample["weights"][i] > 0 ? answer : prompt).push_back(sample["tokens"][i]);
        }
        right += tuned.greedy(prompt, (int) answer.size() + 2) == answer;
    }
    CHECK(right == 6, right);
}

// Copies a model; `change` alters its key values, `rename` gives every tensor its new name ("" = left out).
void write_altered(const std::string & path, const std::string & output,
                   const std::function<void(gguf_context *)> &             change,
                   const std::function<std::string(const std::string &)> & rename = {}) {
    ggml_context * data = nullptr;
    gguf_context * from = gguf_init_from_file(path.c_str(), { /*no_alloc =*/false, &data });
    gguf_context * to   = gguf_init_empty();
    gguf_set_kv(to, from);
    change(to);
    for (int64_t i = 0; i < gguf_get_n_tensors(from); i++) {
        const std::string name = gguf_get_tensor_name(from, i);
        const std::string next = rename ? rename(name) : name;
        if (!next.empty()) {
            ggml_tensor * cur = ggml_get_tensor(data, name.c_str());
            ggml_set_name(cur, next.c_str());
            gguf_add_tensor(to, cur);
        }
    }
    CHECK(gguf_write_to_file(to, output.c_str(), /*only_meta =*/false), output);
    gguf_free(to);
    gguf_free(from);
    ggml_free(data);
}

struct refusal {
    std::string                                     name;
    std::string                                     word; // that the reason must hold
    std::function<void(gguf_context *)>             change  = [](gguf_context *) {};
    std::function<std::string(const std::string &)> rename  = {};
    bool                                            corrupt = false; // an error instead of "not supported"
};

std::function<std::string(const std::string &)> renamed(const std::string & from, const std::string & to) {
    return [from, to](const std::string & name) { return name == from ? to : name; };
}

std::vector<refusal> all_refusals() {
    const auto u32 = [](const char * key, uint32_t value) {
        return [key, value](gguf_context * gguf) { gguf_set_val_u32(gguf, key, value); };
    };
    const auto f32 = [](const char * key, float value) {
        return [key, value](gguf_context * gguf) { gguf_set_val_f32(gguf, key, value); };
    };
    const auto text = [](const char * key, const char * value) {
        return [key, value](gguf_context * gguf) { gguf_set_val_str(gguf, key, value); };
    };
    const auto nothing = [](gguf_context *) {};
    return {
        { "another architecture", "gemma3", text("general.architecture", "gemma3") },
        { "experts", "experts", u32("llama.expert_count", 8) },
        { "experts in use", "experts", u32("llama.expert_used_count", 2) },
        { "several predicted tokens", "several tokens", u32("llama.nextn_predict_layers", 1) },
        { "a sliding window", "sliding window", u32("llama.attention.sliding_window", 512) },
        { "softcapping of attention", "softcapping", f32("llama.attn_logit_softcapping", 50.0f) },
        { "softcapping of logits", "softcapping", f32("llama.final_logit_softcapping", 30.0f) },
        { "attention to later tokens", "later tokens",
          [](gguf_context * gguf) { gguf_set_val_bool(gguf, "llama.attention.causal", false); } },
        { "longrope", "longrope", text("llama.rope.scaling.type", "longrope") },
        { "an unknown scaling", "\"su\"", text("llama.rope.scaling.type", "su") },
        { "a scaling factor that is no number",
          "rope.scaling.factor",
          f32("llama.rope.scaling.factor", NAN),
          {},
          true },
        { "a negative scaling factor", "rope scaling", f32("llama.rope.scaling.factor", -1.0f), {}, true },
        { "heads rotated in part", "8 of 16", u32("llama.rope.dimension_count", 8) },
        { "keys and values of two widths", "differ in width", u32("llama.attention.value_length", 8) },
        { "one part of several", "one of 3 parts",
          [](gguf_context * gguf) { gguf_set_val_u16(gguf, "split.count", 3); } },
        { "another kind of file", "mmproj", text("general.type", "mmproj") },
        { "layers that differ", "differ in llama.attention.head_count",
          [](gguf_context * gguf) {
              const uint32_t heads[] = { 4, 2 };
              gguf_set_arr_data(gguf, "llama.attention.head_count", GGUF_TYPE_UINT32, heads, 2);
          } },
        { "fused q, k and v", "blk.1.attn_qkv.weight", nothing,
          renamed("blk.1.attn_q.weight", "blk.1.attn_qkv.weight") },
        { "tensors of experts", "experts", nothing, renamed("blk.0.ffn_up.weight", "blk.0.ffn_up_exps.weight") },
        { "a tensor that nobody knows", "blk.0.attn_gate.weight", nothing,
          renamed("blk.0.ffn_norm.weight", "blk.0.attn_gate.weight") },
        { "an own head with a bias", "output.bias", nothing, renamed("blk.0.attn_norm.weight", "output.bias") },
        { "a layer too many", "blk.2.ffn_norm.weight", nothing,
          renamed("blk.1.ffn_norm.weight", "blk.2.ffn_norm.weight") },
        { "norms of heads in llama", "attn_q_norm", nothing,
          renamed("blk.0.attn_norm.weight", "blk.0.attn_q_norm.weight") },
        { "a missing tensor", "blk.1.ffn_down.weight is missing", nothing, renamed("blk.1.ffn_down.weight", ""), true },
        { "a missing embedding", "token_embd.weight", nothing, renamed("token_embd.weight", ""), true },
        { "a norm in the place of a matrix", "unexpected shape", nothing,
          [](const std::string & name) {
              return name == "blk.0.ffn_norm.weight" ? std::string("blk.0.ffn_up.weight")
                     : name == "blk.0.ffn_up.weight" ? std::string("blk.0.ffn_norm.weight")
                                                     : name;
          },
          true },
    };
}

void check_refusal(const temp_folder & folder, const refusal & cur) {
    const std::string good = folder.path("good.gguf");
    const std::string path = folder.path("refused.gguf");
    write_tiny_model(shaped("llama", 64, 4, 2), good);
    write_altered(good, path, cur.change, cur.rename);
    try {
        model_open(path);
        CHECK(false, cur.name, "was opened");
    } catch (const worker_error & error) {
        CHECK(error.code == (cur.corrupt ? "model-corrupt" : "model-unsupported"), cur.name, error.code, error.what());
        CHECK(std::string(error.what()).find(cur.word) != std::string::npos, cur.name, error.what());
    }
    const worker_result inspected =
        run_worker_config(folder, "inspect", { { "protocol", 1 }, { "model", path }, { "forward", false } });
    if (cur.corrupt) {
        CHECK(inspected.exit_code == 5, cur.name, inspected.exit_code);
    } else {
        const json event = inspected.last("inspect");
        CHECK(inspected.exit_code == 0 && event["supported"] == false, cur.name, inspected.exit_code, event.dump());
        CHECK(event["reason"].get<std::string>().find(cur.word) != std::string::npos, cur.name, event.dump());
    }
}

// A list with the same number for every layer says no more than the number.
void check_equal_list(const temp_folder & folder) {
    write_tiny_model(shaped("llama", 64, 4, 2), folder.path("good.gguf"));
    write_altered(folder.path("good.gguf"), folder.path("list.gguf"), [](gguf_context * gguf) {
        const uint32_t heads[] = { 4, 4 };
        gguf_set_arr_data(gguf, "llama.attention.head_count", GGUF_TYPE_UINT32, heads, 2);
        gguf_set_val_u32(gguf, "llama.attention.sliding_window", 1 << 20); // wider than the context
    });
    CHECK(model_open(folder.path("list.gguf"))->hparams.n_head == 4, "four heads");
}

void check_wide_qwen2(const temp_folder & folder) {
    write_tiny_model(shaped("qwen2", 64, 4, 2, 32), folder.path("wide.gguf"));
    model_info info;
    model_open(folder.path("wide.gguf"), &info, false);
    CHECK(!info.supported && info.reason.find("qwen2") != std::string::npos, info.reason);
}

} // namespace

int main(int argc, char ** argv) {
    const temp_folder      folder;
    std::vector<test_case> tests;
    for (const variant & cur : all_variants()) {
        tests.push_back({ cur.name + ": libllama's logits, one gradient on both paths",
                          [&folder, cur] { check_variant(folder, cur.options); } });
    }
    tests.push_back(
        { "rope scaling changes the logits, each kind its own way", [&] { check_scaling_counts(folder); } });
    for (const char * type : { "bf16", "q5_0", "q5_1", "q2_k", "q3_k", "iq4_nl", "iq4_xs" }) {
        tests.push_back(
            { std::string(type) + " weights give libllama's logits", [&folder, type] { check_type(folder, type); } });
    }
    tests.push_back({ "a llama with YaRN, biases and an own head is taught", [&] {
                         tiny_model_options options = scaled("llama", "yarn", 4.0f, 32);
                         options.biases             = true;
                         options.tied               = false;
                         check_taught(folder, options);
                     } });
    tests.push_back({ "a qwen3 with linear scaling and eight heads to a key is taught", [&] {
                         tiny_model_options options = shaped("qwen3", 64, 8, 1);
                         options.rope_scaling       = "linear";
                         options.rope_factor        = 2.0f;
                         check_taught(folder, options);
                     } });
    for (const refusal & cur : all_refusals()) {
        tests.push_back({ cur.name + ": refused by name", [&folder, cur] { check_refusal(folder, cur); } });
    }
    tests.push_back({ "a qwen2 whose heads are wider than the model is refused", [&] { check_wide_qwen2(folder); } });
    tests.push_back({ "equal lists and wide windows are no reason to refuse", [&] { check_equal_list(folder); } });
    return run_tests(argc, argv, tests);
}
