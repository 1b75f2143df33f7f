// The gradient of every A and B against a float64 reference.
//
// The fixtures come from scripts/reference/make-gradient-fixture.py (PyTorch's autograd in float64 over an own forward
// pass). Their models are made here again from the same seed. In those that end in -kl one sequence is held to the
// base.

#include "check.h"
#include "toy.h"

#include "dataset.h"

#include <nlohmann/json.hpp>

#include <cmath>

using nlohmann::json;

namespace {

const double FIXTURE_LIMIT = 1e-4; // relative error of every tensor's gradient

// ||found - expected|| / ||expected||
double relative_error(const float * found, const std::vector<double> & expected) {
    double difference = 0.0;
    double size       = 0.0;
    for (size_t i = 0; i < expected.size(); i++) {
        difference += std::pow((double) found[i] - expected[i], 2);
        size += expected[i] * expected[i];
    }
    return std::sqrt(difference / size);
}

tiny_model_options fixture_options(const json & fixture) {
    const json &       from = fixture["model"];
    tiny_model_options options;
    options.arch         = from["arch"];
    options.type         = from["type"];
    options.seed         = from["seed"];
    options.n_embd       = from["embd"];
    options.n_layer      = from["layers"];
    options.n_head       = from["heads"];
    options.n_head_kv    = from["kv-heads"];
    options.n_ff         = from["ff"];
    options.tied         = from["tied"];
    options.rope_factors = from["rope_factors"];

    options.biases           = from.value("biases", false);
    options.head_dim         = from.value("head-dim", 0);
    options.rope_scaling     = from.value("rope-scaling", "");
    options.rope_factor      = from.value("rope-factor", 0.0f);
    options.rope_attn_factor = from.value("rope-attn-factor", 0.0f);
    options.rope_orig_ctx    = from.value("rope-original-context", 0);
    return options;
}

// A generator that drifts would make every comparison below fail for the wrong reason.
void check_weights(const model & base, double expected) {
    double sum = 0.0;
    for (ggml_tensor * cur = ggml_get_first_tensor(base.ctx); cur; cur = ggml_get_next_tensor(base.ctx, cur)) {
        const int64_t      n_row = ggml_nrows(cur);
        std::vector<float> values((size_t) ggml_nelements(cur));
        model_dequantise(cur, 0, n_row, values.data());
        for (float value : values) {
            sum += std::fabs((double) value);
        }
    }
    CHECK(std::fabs(sum - expected) < 1e-4 * expected, "the tiny model differs from the fixture's", sum, expected);
}

void check_fixture(const temp_folder & folder, const std::string & arch, gemm_mode mode) {
    const json fixture = json::parse(read_file(std::string(KEEPSAKE_FIXTURES_DIR) + "/gradients-" + arch + ".json"));
    const std::string path = folder.path("fixture-" + arch + ".gguf");
    write_tiny_model(fixture_options(fixture), path);
    const auto cur = open_toy(path, mode, fixture["rank"], fixture["alpha"], 0.0f);
    check_weights(*cur->base, fixture["weight_checksum"]);
    CHECK(cur->adapter.pairs.size() == fixture["adapter"].size(), cur->adapter.pairs.size());
    for (const lora_pair & pair : cur->adapter.pairs) {
        const json &             arrays = fixture["adapter"][pair.name];
        const std::vector<float> a      = arrays["a"];
        const std::vector<float> b      = arrays["b"];
        CHECK((int) a.size() == pair.rank * pair.n_in && (int) b.size() == pair.rank * pair.n_out, pair.name);
        std::copy(a.begin(), a.end(), cur->adapter.params.begin() + pair.offset_a);
        std::copy(b.begin(), b.end(), cur->adapter.params.begin() + pair.offset_b);
    }
    std::vector<std::vector<int32_t>> tokens;
    std::vector<std::vector<float>>   weights;
    std::vector<bool>                 kl;
    std::vector<sample>               samples(2);
    float                             weight_sum = 0.0f;
    for (const json & sequence : fixture["sequences"]) {
        sample & cur_sample = samples[tokens.size()];
        tokens.push_back(sequence["tokens"]);
        weights.push_back(sequence["weights"]);
        kl.push_back(sequence.contains("loss") && sequence["loss"] == "kl");
        cur_sample.tokens  = tokens.back();
        cur_sample.weights = weights.back();
        cur_sample.kl      = kl.back();
        for (float weight : weights.back()) {
            weight_sum += weight;
        }
    }
    // Once as one padded micro-batch, once as the dataset splits it: padding and splitting change nothing.
    const std::vector<micro_batch> padded = { make_batch(tokens, weights, weight_sum, kl) };
    const std::vector<micro_batch> split  = dataset_micro_batches({ &samples[0], &samples[1] }, 8, true);
    CHECK(split.size() == 2, split.size());
    const std::vector<micro_batch>        shared  = dataset_micro_batches({ &samples[0], &samples[1] }, 8, true, true);
    std::vector<std::vector<micro_batch>> layouts = { padded, split };
    if (mode != GEMM_GGML) { // the layout of the fast paths
        layouts.push_back(shared);
    }
    for (const std::vector<micro_batch> & batches : layouts) {
        std::vector<float> grads;
        const double       loss = run_grads(*cur, batches, grads);
        CHECK(std::fabs(loss / (double) fixture["loss"] - 1.0) < 1e-5, loss, (double) fixture["loss"]);
        double worst = 0.0;
        for (const lora_pair & pair : cur->adapter.pairs) {
            const json & arrays  = fixture["adapter"][pair.name];
            const double error_a = relative_error(grads.data() + pair.offset_a, arrays["da"]);
            const double error_b = relative_error(grads.data() + pair.offset_b, arrays["db"]);
            CHECK(error_a <= FIXTURE_LIMIT, pair.name + " dA", error_a);
            CHECK(error_b <= FIXTURE_LIMIT, pair.name + " dB", error_b);
            worst = std::max(worst, std::max(error_a, error_b));
        }
        std::printf("        %s %s in %d part(s): loss %.6f, worst relative error of a tensor %.1e\n", arch.c_str(),
                    gemm_mode_name(mode), (int) batches.size(), loss, worst);
    }
}

} // namespace

int main(int argc, char ** argv) {
    const temp_folder      folder;
    std::vector<test_case> tests;
    for (const char * fixture :
         { "llama", "qwen2", "qwen3", "llama-yarn", "qwen3-linear", "llama-kl", "qwen2-kl", "qwen3-kl" }) {
        for (const gemm_mode mode : { GEMM_F32, GEMM_GGML }) {
            tests.push_back({ std::string(fixture) + " by " + gemm_mode_name(mode) +
                                  ": loss, dA and dB agree with the float64 reference",
                              [&folder, fixture, mode] { check_fixture(folder, fixture, mode); } });
        }
    }
    return run_tests(argc, argv, tests);
}
