// A merged file says what base + adapter say: by libllama's logits and number by number.
//
// The reference of a quantised base is libllama on an F32 file of what its weights decode to, with the adapter: there
// the merged file differs by its own type's rounding alone.

#include "adapter-data.h"
#include "check.h"
#include "llama-reference.h"
#include "merge-files.h"

#include "error.h"
#include "merge-plan.h"
#include "toy.h"

#include "gguf.h"

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>

using nlohmann::json;

namespace {

// Relative differences of the logits that the types' own rounding of the weights was measured to make in these random
// models: F16 8e-4 to 1.2e-3, Q8_0 1.5e-2 to 2.6e-2.
const double F16_LIMIT  = 3e-3;
const double Q8_0_LIMIT = 5e-2;

double relative_difference(const std::vector<std::vector<float>> & found,
                           const std::vector<std::vector<float>> & expected) {
    double difference = 0.0;
    double size       = 0.0;
    CHECK(found.size() == expected.size(), found.size(), expected.size());
    for (size_t row = 0; row < found.size(); row++) {
        for (size_t i = 0; i < found[row].size(); i++) {
            difference += std::pow((double) found[row][i] - expected[row][i], 2);
            size += std::pow((double) expected[row][i], 2);
        }
    }
    return std::sqrt(difference / size);
}

void check_logits(const temp_folder & folder, const std::string & arch, const std::string & type) {
    tiny_model_options options;
    options.arch               = arch;
    options.type               = type;
    options.tied               = arch != "qwen2";
    options.rope_factors       = arch == "llama";
    const pair_of_files files  = make_files(folder, options);
    const std::string   exact  = folder.path("exact.gguf");
    const std::string   output = folder.path("merged.gguf");
    write_dequantised_model(files.base, exact);
    std::vector<int32_t> tokens;
    tiny_random          random(5);
    for (int i = 0; i < 96; i++) {
        tokens.push_back((int32_t) random.below(tiny_n_vocab));
    }
    const auto expected = llama_reference(exact, files.adapter, 1).logits(tokens);
    const auto bare     = llama_reference(exact, "", 1).logits(tokens);
    CHECK(relative_difference(bare, expected) > 0.1, "the adapter changes nothing");
    for (const char * merged_type : { "f16", "q8_0" }) {
        check_merged(merge(folder, merge_config(files.base, files.adapter, output, merged_type)), output);
        llama_reference(output, "", 1).logits(tokens); // the file itself is read
        write_dequantised_model(output, folder.path("merged-exact.gguf"));
        const auto   found = llama_reference(folder.path("merged-exact.gguf"), "", 1).logits(tokens);
        const double error = relative_difference(found, expected);
        std::printf("        %s %s merged as %s: relative difference %.1e\n", arch.c_str(), type.c_str(), merged_type,
                    error);
        CHECK(error <= (merged_type[0] == 'f' ? F16_LIMIT : Q8_0_LIMIT), error);
    }
}

struct gguf_file {
    explicit gguf_file(const std::string & path) {
        gguf = gguf_init_from_file(path.c_str(), { /*no_alloc =*/false, &ctx });
        CHECK(gguf != nullptr, path);
    }
    gguf_file(const gguf_file &) = delete;
    ~gguf_file() {
        gguf_free(gguf);
        ggml_free(ctx);
    }

    size_t data_offset() const { return gguf_get_data_offset(gguf); }

    std::string text(const std::string & key) const {
        const int64_t id = gguf_find_key(gguf, key.c_str());
        return id >= 0 && gguf_get_kv_type(gguf, id) == GGUF_TYPE_STRING ? gguf_get_val_str(gguf, id) : "(missing)";
    }

    ggml_type type(const std::string & name) const {
        return gguf_get_tensor_type(gguf, gguf_find_tensor(gguf, name.c_str()));
    }

    gguf_context * gguf = nullptr;
    ggml_context * ctx  = nullptr;
};

// F32 on F32: every weight is W + s B A, everything else is as it was.
void check_numbers(const temp_folder & folder) {
    tiny_model_options options;
    options.n_embd             = 64;
    options.n_ff               = 96;
    options.rope_factors       = true;
    const pair_of_files files  = make_files(folder, options);
    const std::string   output = folder.path("numbers.gguf");
    check_merged(merge(folder, merge_config(files.base, files.adapter, output, "f32")), output);
    const auto      cur = open_toy(files.base, GEMM_F32, MERGE_RANK, MERGE_ALPHA, 0.15f);
    const gguf_file before(files.base);
    const gguf_file after(output);
    CHECK(gguf_get_n_tensors(before.gguf) == gguf_get_n_tensors(after.gguf), gguf_get_n_tensors(after.gguf));
    double worst = 0.0;
    for (const lora_pair & pair : cur->adapter.pairs) {
        const float * w      = (const float *) ggml_get_tensor(before.ctx, pair.name.c_str())->data;
        const float * merged = (const float *) ggml_get_tensor(after.ctx, pair.name.c_str())->data;
        const float * a      = cur->adapter.params.data() + pair.offset_a;
        const float * b      = cur->adapter.params.data() + pair.offset_b;
        for (int row = 0; row < pair.n_out; row++) {
            for (int i = 0; i < pair.n_in; i++) {
                double value = w[row * pair.n_in + i];
                for (int j = 0; j < pair.rank; j++) {
                    value += (double) MERGE_ALPHA / MERGE_RANK * b[row * pair.rank + j] * a[j * pair.n_in + i];
                }
                worst = std::max(worst, std::fabs(value - merged[row * pair.n_in + i]));
            }
        }
    }
    CHECK(worst < 1e-6, worst);
    for (const char * name :
         { "token_embd.weight", "output_norm.weight", "rope_freqs.weight", "blk.1.ffn_norm.weight" }) {
        const ggml_tensor * x = ggml_get_tensor(before.ctx, name);
        const ggml_tensor * y = ggml_get_tensor(after.ctx, name);
        CHECK(x->type == y->type && memcmp(x->data, y->data, ggml_nbytes(x)) == 0, name);
    }
    for (int64_t i = 0; i < gguf_get_n_kv(before.gguf); i++) {
        CHECK(gguf_find_key(after.gguf, gguf_get_key(before.gguf, i)) >= 0, gguf_get_key(before.gguf, i));
    }
    CHECK(after.text("tokenizer.chat_template") == before.text("tokenizer.chat_template"), "the chat template");
    CHECK(after.text("keepsake.base_hash") == "abc", "what the adapter says of itself");
    CHECK(after.text("keepsake.adapter_id") == "a1" && after.text("general.name") == "Tiny ü", "what was given");
    CHECK(after.text("keepsake.merge_type") == "f32", after.text("keepsake.merge_type"));
}

void check_types(const temp_folder & folder) {
    tiny_model_options options;
    options.type               = "q4_1";
    options.embedding_type     = "q8_0";
    options.n_embd             = 64;
    options.n_ff               = 256;
    const pair_of_files files  = make_files(folder, options);
    const std::string   output = folder.path("types.gguf");
    const auto          run    = [&](const std::string & type) {
        const worker_result result = merge(folder, merge_config(files.base, files.adapter, output, type));
        check_merged(result, output);
        llama_reference(output, "", 1); // libllama reads it
        return result;
    };
    CHECK(run("base").count("warning") == 0, "base");
    CHECK(gguf_file(output).type("blk.0.attn_q.weight") == GGML_TYPE_Q4_1, "base");
    CHECK(gguf_file(output).type("token_embd.weight") == GGML_TYPE_Q8_0, "base");

    // Rows of 64 values have no place in blocks of 256: said, and written as Q8_0; the others are as asked.
    const worker_result mixed = run("q4_k");
    CHECK(mixed.count("warning") == 1 && mixed.last("warning")["code"] == "type-kept", mixed.last("warning").dump());
    CHECK(mixed.last("warning")["message"].get<std::string>().find("12 matrices") == 0, mixed.last("warning").dump());
    const gguf_file file(output);
    CHECK(file.type("blk.0.attn_q.weight") == GGML_TYPE_Q8_0, "q4_k");
    CHECK(file.type("blk.0.ffn_down.weight") == GGML_TYPE_Q4_K, "q4_k");
    CHECK(file.type("blk.0.attn_norm.weight") == GGML_TYPE_F32, "q4_k");
    CHECK(gguf_get_val_u32(file.gguf, gguf_find_key(file.gguf, "general.file_type")) == 14, "file_type");

    for (const char * type : { "f32", "bf16", "q4_0", "q5_0", "q5_1", "q6_k", "iq4_nl" }) {
        run(type);
    }
}

void check_twice(const temp_folder & folder) {
    tiny_model_options options;
    options.type              = "q4_k";
    const pair_of_files files = make_files(folder, options);
    std::string         first;
    for (const char * type : { "q8_0", "base" }) {
        json config = merge_config(files.base, files.adapter, folder.path("once.gguf"), type);
        check_merged(merge(folder, config), folder.path("once.gguf"));
        config["output"]  = folder.path("twice.gguf");
        config["threads"] = 1;
        check_merged(merge(folder, config), folder.path("twice.gguf"));
        CHECK(read_file(folder.path("once.gguf")) == read_file(folder.path("twice.gguf")), type);
    }
    // A second helping of the same adapter would double it.
    const worker_result again =
        merge(folder, merge_config(folder.path("once.gguf"), files.adapter, folder.path("thrice.gguf"), "f16"));
    CHECK(again.exit_code == 2 && again.last("error")["code"] == "adapter-mismatch", again.last("error").dump());
}

void check_refused(const temp_folder & folder, const json & config, int exit_code, const std::string & code,
                   const std::string & word) {
    const worker_result result = merge(folder, config);
    const json          error  = result.last("error");
    CHECK(result.exit_code == exit_code && error["code"] == code, word, result.exit_code, result.errors, error.dump());
    CHECK(error["message"].get<std::string>().find(word) != std::string::npos, word, error.dump());
    const std::string output = config["output"].is_string() ? config["output"].get<std::string>() : "";
    CHECK(output.empty() || !std::filesystem::exists(output + ".partial"), word);
    CHECK(output != folder.path("out.gguf") || !std::filesystem::exists(output), word);
}

void check_refusals(const temp_folder & folder) {
    tiny_model_options options;
    options.n_embd            = 64;
    options.n_ff              = 96;
    const pair_of_files files = make_files(folder, options);
    const std::string   out   = folder.path("out.gguf");
    const json          good  = merge_config(files.base, files.adapter, out, "f16");
    const auto          with  = [&good](const char * key, const json & value) {
        json config = good;
        config[key] = value;
        return config;
    };
    for (const char * key : { "base", "adapter", "output", "type" }) {
        check_refused(folder, with(key, nullptr), 2, "bad-config", key);
    }
    check_refused(folder, with("type", "q9_9"), 2, "bad-config", "q9_9");
    check_refused(folder, with("type", "iq2_xxs"), 2, "bad-config", "importance matrix");
    check_refused(folder, with("metadata", { { "general.architecture", "x" } }), 2, "bad-config", "architecture");
    check_refused(folder, with("output", files.base), 2, "bad-config", "written over");
    check_refused(folder, with("output", files.adapter), 2, "bad-config", "written over");
    check_refused(folder, with("output", folder.path("no folder") + "/x.gguf"), 1, "write-failed", "no folder");
    check_refused(folder, with("base", folder.path("absent.gguf")), 5, "model-missing", "absent");
    check_refused(folder, with("adapter", folder.path("absent.gguf")), 2, "adapter-mismatch", "absent");
    check_refused(folder, with("adapter", files.base), 2, "adapter-mismatch", "not a LoRA");
    check_refused(folder, with("base_sha256", "other"), 2, "adapter-mismatch", "another base");
    write_file(folder.path("text.gguf"), "this is a shopping list of eggs, milk, bread and butter");
    check_refused(folder, with("adapter", folder.path("text.gguf")), 2, "adapter-mismatch", "damaged");
    check_refused(folder, with("base", folder.path("text.gguf")), 5, "model-corrupt", "GGUF");
    const std::string bytes = read_file(files.adapter);
    write_file(folder.path("cut.gguf"), bytes.substr(0, bytes.size() / 2));
    check_refused(folder, with("adapter", folder.path("cut.gguf")), 2, "adapter-mismatch", "damaged");

    // Adapters of other bases, named by what does not fit.
    const auto refused_adapter = [&](const std::vector<adapter_tensor> & tensors, const std::string & arch,
                                     const std::string & word) {
        write_adapter(folder.path("other.gguf"), arch, 8.0f, tensors);
        check_refused(folder, with("adapter", folder.path("other.gguf")), 2, "adapter-mismatch", word);
    };
    const adapter_tensor a = { "blk.0.attn_q.weight.lora_a", 64, 2, 0.1f };
    const adapter_tensor b = { "blk.0.attn_q.weight.lora_b", 2, 64, 0.1f };
    refused_adapter({ a, b }, "qwen2", "qwen2");
    refused_adapter({ a }, "llama", "one half of the pair for blk.0.attn_q.weight");
    refused_adapter({ a, { b.name, 2, 65, 0.1f } }, "llama", "blk.0.attn_q.weight");
    refused_adapter({ a, { b.name, 3, 64, 0.1f } }, "llama", "blk.0.attn_q.weight");
    refused_adapter({ a, { b.name, 2, 64, NAN } }, "llama", "not numbers");
    refused_adapter({ { "blk.7.attn_q.weight.lora_a", 64, 2, 0.1f } }, "llama", "blk.7.attn_q.weight");
    refused_adapter({ { "output.weight.lora_a", 64, 2, 0.1f } }, "llama", "output.weight"); // the head is tied
    refused_adapter({ { "token_embd.weight.lora_a", 64, 2, 0.1f } }, "llama", "token_embd.weight");
    refused_adapter({ { "blk.0.attn_norm.weight", 64, 1, 0.1f } }, "llama", "blk.0.attn_norm.weight");
    refused_adapter({}, "llama", "nothing to merge");

    // What F16 cannot hold is not cut off silently.
    write_adapter(folder.path("other.gguf"), "llama", 8.0f, { a, { b.name, 2, 64, 1e6f } });
    check_refused(folder, with("adapter", folder.path("other.gguf")), 1, "not-finite", "blk.0.attn_q.weight");
}

// Damages an adapter anywhere: only the reader's own refusal may come out, and what it lets through can be planned.
void check_damaged(const temp_folder & folder, int n) {
    tiny_model_options options;
    options.n_embd             = 64;
    options.n_ff               = 64;
    options.n_layer            = 1;
    const pair_of_files files  = make_files(folder, options);
    const auto          base   = model_open(files.base);
    const std::string   good   = read_file(files.adapter);
    const size_t        header = gguf_file(files.adapter).data_offset();
    const std::string   path   = folder.path("damaged.gguf");
    tiny_random         random(71);
    int                 refused = 0;
    for (int i = 0; i < n; i++) {
        std::string bytes = good.substr(0, i % 5 == 0 ? random.below(good.size()) : good.size());
        for (int j = (int) random.below(4); j >= 0 && !bytes.empty(); j--) {
            const size_t at = random.below(random.below(8) ? std::min(header, bytes.size()) : bytes.size());
            if (random.below(4) == 0 && at + 8 <= bytes.size()) {
                const uint64_t absurd[] = { 0, ~0ull, 1ull << 63, 1ull << 32, 0x7FC000007FC00000ull };
                memcpy(&bytes[at], &absurd[random.below(5)], 8);
            } else {
                bytes[at] = (char) random.below(256);
            }
        }
        write_file(path, bytes);
        try {
            const merge_adapter adapter = merge_adapter_open(*base, path);
            CHECK(!merge_plan_make(*base, adapter, "q8_0").tensors.empty(), i);
        } catch (const worker_error & error) {
            CHECK(error.code == "adapter-mismatch", i, error.code, error.what());
            refused++;
        }
    }
    std::printf("        %d of %d damaged adapters were refused\n", refused, n);
    CHECK(refused > n / 2, refused);
}

// Adapters of other programs: another rank for every tensor, a part of the layers, the head, no alpha, F16.
void check_other_adapters(const temp_folder & folder) {
    tiny_model_options options;
    options.arch              = "qwen2";
    options.tied              = false;
    const std::string base    = folder.path("foreign-base.gguf");
    const std::string adapter = folder.path("foreign.gguf");
    const std::string output  = folder.path("foreign-merged.gguf");
    write_tiny_model(options, base);
    const std::vector<int32_t> tokens = { 1, 70, 33, 200, 5, 61, 90, 12 };
    for (const float alpha : { 0.0f, 6.0f }) {
        write_adapter(adapter, "qwen2", alpha,
                      { { "blk.1.attn_v.weight.lora_a", 256, 3, 0.05f },
                        { "blk.1.attn_v.weight.lora_b", 3, 128, 0.05f },
                        { "output.weight.lora_a", 256, 2, 0.02f, GGML_TYPE_F16 },
                        { "output.weight.lora_b", 2, tiny_n_vocab, 0.02f } });
        check_merged(merge(folder, merge_config(base, adapter, output, "f32")), output);
        const auto   expected = llama_reference(base, adapter, 1).logits(tokens);
        const double error    = relative_difference(llama_reference(output, "", 1).logits(tokens), expected);
        CHECK(relative_difference(llama_reference(base, "", 1).logits(tokens), expected) > 0.01, alpha);
        CHECK(error < 1e-5, alpha, error);
    }
}

} // namespace

int main(int argc, char ** argv) {
    const temp_folder      folder;
    std::vector<test_case> tests;
    for (const auto & [arch, type] : std::vector<std::pair<std::string, std::string>>{
             { "llama", "q4_1" }, { "qwen2", "q8_0" }, { "qwen3", "q4_k" } }) {
        tests.push_back({ arch + " with " + type + " weights merged as F16 and Q8_0 gives the logits of base + adapter",
                          [&folder, arch = arch, type = type] { check_logits(folder, arch, type); } });
    }
    tests.push_back({ "every merged weight is W + s B A, and all else is kept", [&] { check_numbers(folder); } });
    tests.push_back({ "the types that were asked for are written, exceptions are said", [&] { check_types(folder); } });
    tests.push_back({ "merging twice gives the same bytes", [&] { check_twice(folder); } });
    tests.push_back({ "what cannot be merged is refused by name", [&] { check_refusals(folder); } });
    tests.push_back(
        { "adapters of other programs merge as libllama applies them", [&] { check_other_adapters(folder); } });
    tests.push_back({ "a damaged adapter is refused or fits, and never ends the program badly", [&] {
                         ggml_log_set([](ggml_log_level, const char *, void *) {}, nullptr);
                         check_damaged(folder, 2000);
                     } });
    return run_tests(argc, argv, tests);
}
