// The gradient of every A and B: against finite differences, and between the paths. test-references.cpp compares it
// with PyTorch's.

#include "check.h"
#include "toy.h"

#include "dataset.h"

#include <cmath>
#include <cstdlib>

namespace {

const double SLOPE_LIMIT  = 3e-3; // measured 4e-4: the loss is computed in F32
const double COSINE_LIMIT = 0.999;

double norm(const float * values, size_t n) {
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) {
        sum += (double) values[i] * values[i];
    }
    return std::sqrt(sum);
}

double cosine(const float * a, const float * b, size_t n) {
    double dot = 0.0;
    for (size_t i = 0; i < n; i++) {
        dot += (double) a[i] * b[i];
    }
    return dot / (norm(a, n) * norm(b, n));
}

// Slope of the loss along the gradient of one tensor (its A or its B), by a central difference of fourth order.
double measured_slope(toy & cur, const std::vector<micro_batch> & batches, size_t offset, size_t n,
                      const std::vector<float> & direction) {
    const std::vector<float> start(cur.adapter.params.begin() + offset, cur.adapter.params.begin() + offset + n);
    const double             size = norm(start.data(), n);
    const double             step = std::max(0.03 * size, 0.02); // large, since the loss is summed in F32
    const auto               loss = [&](double factor) {
        for (size_t i = 0; i < n; i++) {
            cur.adapter.params[offset + i] = start[i] + (float) (factor * step * direction[i]);
        }
        return run_loss(cur, batches);
    };
    const double slope = (8 * (loss(1) - loss(-1)) - (loss(2) - loss(-2))) / (12 * step);
    std::copy(start.begin(), start.end(), cur.adapter.params.begin() + offset);
    return slope;
}

void check_slopes(const temp_folder & folder, const std::string & arch, gemm_mode mode, bool with_kl) {
    tiny_model_options options;
    options.arch           = arch;
    options.n_embd         = 64;
    options.n_ff           = 96;
    options.rope_factors   = arch == "llama";
    const std::string path = folder.path("slopes-" + arch + ".gguf");
    write_tiny_model(options, path);
    const auto         cur     = open_toy(path, mode, 4, 8.0f, 0.1f);
    auto               batches = random_batches({ 9, 16, 24 }, 3);
    std::vector<float> grads;
    if (with_kl) {
        mix_losses(batches);
    }
    run_grads(*cur, batches, grads);
    double worst = 0.0;
    for (const lora_pair & pair : cur->adapter.pairs) {
        for (const bool is_a : { true, false }) {
            const size_t       offset = is_a ? pair.offset_a : pair.offset_b;
            const size_t       n      = (size_t) pair.rank * (is_a ? pair.n_in : pair.n_out);
            const double       size   = norm(grads.data() + offset, n);
            std::vector<float> direction(grads.begin() + offset, grads.begin() + offset + n);
            CHECK(size > 0.0, pair.name, "the gradient is zero");
            for (float & value : direction) {
                value = (float) (value / size);
            }
            const double slope = measured_slope(*cur, batches, offset, n, direction);
            const double error = std::fabs(slope / size - 1.0);
            CHECK(error < SLOPE_LIMIT, pair.name + (is_a ? " A" : " B"), slope, size);
            worst = std::max(worst, error);
        }
    }
    std::printf("        %s %s%s: worst relative error of a slope %.1e over %d tensors\n", arch.c_str(),
                gemm_mode_name(mode), with_kl ? " kl" : "", worst, (int) cur->adapter.pairs.size() * 2);
}

std::vector<float> grads_of(const std::string & path, gemm_mode mode, const std::vector<micro_batch> & batches) {
    const auto         cur = open_toy(path, mode, 8, 16.0f, 0.1f);
    std::vector<float> grads;
    run_grads(*cur, batches, grads);
    return grads;
}

// Cosine of two gradients of one adapter layout: over everything, and the smallest of a single tensor.
void check_cosines(const std::string & what, const lora & layout, const std::vector<float> & found,
                   const std::vector<float> & expected, double limit, double tensor_limit) {
    double worst = 1.0;
    for (const lora_pair & pair : layout.pairs) {
        const double a = cosine(&found[pair.offset_a], &expected[pair.offset_a], (size_t) pair.rank * pair.n_in);
        const double b = cosine(&found[pair.offset_b], &expected[pair.offset_b], (size_t) pair.rank * pair.n_out);
        worst          = std::min(worst, std::min(a, b));
    }
    const double all = cosine(found.data(), expected.data(), found.size());
    std::printf("        %-24s cosine of the whole gradient %.6f, smallest of a tensor %.6f\n", what.c_str(), all,
                worst);
    CHECK(all >= limit, what, all);
    CHECK(worst >= tensor_limit, what, worst);
}

void check_paths(const temp_folder & folder, const std::string & arch, const std::string & type, bool with_kl) {
    tiny_model_options options;
    options.arch            = arch;
    options.type            = type;
    const std::string path  = folder.path("paths-" + arch + "-" + type + ".gguf");
    const std::string exact = folder.path("paths-" + arch + "-" + type + "-exact.gguf");
    write_tiny_model(options, path);
    write_dequantised_model(path, exact);
    std::vector<micro_batch> batches = random_batches({ 30, 41, 48, 24 }, 4);
    if (with_kl) {
        mix_losses(batches);
    }
    const lora               layout    = lora_layout(*model_open(path), 8, 16.0f, all_modules());
    const std::vector<float> reference = grads_of(exact, GEMM_GGML, batches);
    const std::vector<float> fast      = grads_of(path, GEMM_F32, batches);
    check_cosines("F32 products", layout, fast, reference, 0.99999, 0.9999);
    if (gemm_has_bf16()) {
        check_cosines("BF16 products", layout, grads_of(path, GEMM_BF16, batches), reference, COSINE_LIMIT,
                      COSINE_LIMIT);
    }
    // On the quantised file itself ggml rounds activations to 8 bits: that noise is the reference's, not the fast
    // path's.
    check_cosines("ggml on quantised ones", layout, grads_of(path, GEMM_GGML, batches), fast, 0.998, 0.996);
}

// Samples as the app makes them: a long common opening, then questions and answers of different lengths.
std::vector<sample> samples_with_prefix(int n_prefix, int n_sample, bool with_kl) {
    tiny_random          random(17);
    std::vector<int32_t> prefix;
    for (int i = 0; i < n_prefix; i++) {
        prefix.push_back((int32_t) random.below(tiny_n_vocab));
    }
    std::vector<sample> samples((size_t) n_sample);
    for (sample & cur : samples) {
        cur.tokens      = prefix;
        const int n_own = 4 + (int) random.below(20);
        for (int i = 0; i < n_own; i++) {
            cur.tokens.push_back((int32_t) random.below(tiny_n_vocab));
        }
        cur.weights.assign(cur.tokens.size(), 0.0f);
        for (size_t i = cur.tokens.size() - 3; i < cur.tokens.size(); i++) {
            cur.weights[i] = i % 2 ? 1.0f : 0.5f;
        }
        cur.kl = with_kl && n_own % 2 == 0;
    }
    samples.push_back(samples[0]);     // the same sample twice
    sample brief         = samples[1]; // and one that begins as another does
    brief.tokens         = std::vector<int32_t>(brief.tokens.begin(), brief.tokens.begin() + n_prefix + 2);
    brief.weights        = std::vector<float>(brief.tokens.size(), 0.0f);
    brief.weights.back() = 1.0f;
    samples.push_back(brief);
    return samples;
}

// The common opening is computed once for all sequences of a micro-batch: loss and gradient stay what they are padded.
void check_shared_prefix(const temp_folder & folder, const std::string & arch, gemm_mode mode, int n_prefix,
                         bool with_kl) {
    tiny_model_options options;
    options.arch           = arch;
    options.rope_factors   = arch == "llama";
    const std::string path = folder.path("shared-" + arch + ".gguf");
    write_tiny_model(options, path);
    const auto                  cur     = open_toy(path, mode, 4, 8.0f, 0.1f);
    const std::vector<sample>   samples = samples_with_prefix(n_prefix, 6, with_kl);
    std::vector<const sample *> pointers;
    for (const sample & one : samples) {
        pointers.push_back(&one);
    }
    for (const int n_token : { 16, 64, 1000 }) {
        const std::vector<micro_batch> padded = dataset_micro_batches(pointers, n_token, true, false);
        const std::vector<micro_batch> shared = dataset_micro_batches(pointers, n_token, true, true);
        if (n_token == 1000 && n_prefix > 0) {
            CHECK(shared[0].n_prefix >= n_prefix, shared[0].n_prefix);
        }
        std::vector<float> expected;
        std::vector<float> found;
        const double       loss        = run_grads(*cur, padded, expected);
        const double       loss_shared = run_grads(*cur, shared, found);
        const double       angle       = cosine(found.data(), expected.data(), found.size());
        const double       size        = norm(found.data(), found.size()) / norm(expected.data(), expected.size());
        const bool         rounded     = mode == GEMM_BF16;
        CHECK(std::fabs(loss_shared / loss - 1.0) < (rounded ? 1e-3 : 1e-5), loss, loss_shared);
        CHECK(angle >= (rounded ? 0.9995 : 0.9999999), angle, n_token);
        CHECK(std::fabs(size - 1.0) < (rounded ? 1e-2 : 1e-5), size, n_token);
    }
}

void check_fresh_adapter(const temp_folder & folder) {
    const std::string path = folder.path("fresh.gguf");
    write_tiny_model(tiny_model_options(), path);
    const auto         cur = open_toy(path, GEMM_F32, 4, 8.0f, 0.0f);
    std::vector<float> grads;
    run_grads(*cur, random_batches({ 20, 12 }, 6), grads);
    for (const lora_pair & pair : cur->adapter.pairs) {
        CHECK(norm(&grads[pair.offset_a], (size_t) pair.rank * pair.n_in) == 0.0, pair.name);
        CHECK(norm(&grads[pair.offset_b], (size_t) pair.rank * pair.n_out) > 0.0, pair.name);
    }
}

// A fresh adapter is the base: nothing diverges, and nothing pulls.
void check_fresh_divergence(const temp_folder & folder, gemm_mode mode) {
    const std::string path = folder.path("fresh-kl.gguf");
    write_tiny_model(tiny_model_options(), path);
    const auto               cur     = open_toy(path, mode, 4, 8.0f, 0.0f);
    std::vector<micro_batch> batches = random_batches({ 20, 12 }, 6);
    std::vector<float>       labels;
    std::vector<float>       grads;
    run_grads(*cur, batches, labels);
    for (micro_batch & batch : batches) {
        batch.kl.assign(batch.rows.size(), 1);
    }
    const double loss = run_grads(*cur, batches, grads);
    const double pull = norm(grads.data(), grads.size()) / norm(labels.data(), labels.size());
    CHECK(std::fabs(loss) < 1e-5, loss);
    CHECK(pull < (mode == GEMM_BF16 ? 1e-2 : 1e-4), pull);
}

void check_changing_shapes(const temp_folder & folder) {
    const std::string path = folder.path("shapes.gguf");
    write_tiny_model(tiny_model_options(), path);
    const auto                     cur    = open_toy(path, GEMM_F32, 4, 8.0f, 0.1f);
    const std::vector<micro_batch> first  = random_batches({ 20, 12 }, 6);
    const std::vector<micro_batch> second = random_batches({ 7, 64, 33, 3 }, 7);
    std::vector<float>             before;
    std::vector<float>             between;
    std::vector<float>             after;
    const double                   loss = run_grads(*cur, first, before);
    run_grads(*cur, second, between);
    CHECK(run_grads(*cur, first, after) == loss, loss);
    CHECK(before == after, "the second run of a batch gives another gradient");
    CHECK(before != between, "another batch gives the same gradient");
}

} // namespace

int main(int argc, char ** argv) {
    const temp_folder      folder;
    std::vector<test_case> tests;
    for (const char * arch : { "llama", "qwen2", "qwen3" }) {
        for (const gemm_mode mode : { GEMM_F32, GEMM_GGML }) {
            for (const bool with_kl : { false, true }) {
                tests.push_back({ std::string(arch) + " by " + gemm_mode_name(mode) +
                                      ": every tensor's gradient is the slope of the loss" +
                                      (with_kl ? ", half of it the divergence from the base" : ""),
                                  [&folder, arch, mode, with_kl] { check_slopes(folder, arch, mode, with_kl); } });
            }
        }
    }
    for (const auto & [arch, type] : std::vector<std::pair<std::string, std::string>>{ { "llama", "f32" },
                                                                                       { "llama", "q8_0" },
                                                                                       { "llama", "q4_1" },
                                                                                       { "llama", "q4_k" },
                                                                                       { "llama", "q6_k" },
                                                                                       { "qwen2", "q4_0" },
                                                                                       { "qwen3", "q5_k" } }) {
        const std::string what = arch + " with " + type + " weights";
        tests.push_back({ what + ": the fast paths and ggml's own give the same gradient",
                          [&folder, arch = arch, type = type] { check_paths(folder, arch, type, false); } });
    }
    tests.push_back({ "the fast paths and ggml's own give the same gradient of the divergence",
                      [&] { check_paths(folder, "llama", "q4_1", true); } });
    for (const char * arch : { "llama", "qwen2", "qwen3" }) {
        for (const gemm_mode mode : { GEMM_F32, GEMM_BF16 }) {
            if (mode == GEMM_BF16 && !gemm_has_bf16()) {
                continue;
            }
            tests.push_back(
                { std::string(arch) + " by " + gemm_mode_name(mode) + ": a shared prefix changes no gradient",
                  [&folder, arch, mode] {
                      check_shared_prefix(folder, arch, mode, 0, false);
                      check_shared_prefix(folder, arch, mode, 21, false);
                      check_shared_prefix(folder, arch, mode, 21, true);
                  } });
        }
    }
    for (const gemm_mode mode : { GEMM_F32, GEMM_BF16, GEMM_GGML }) {
        if (mode != GEMM_BF16 || gemm_has_bf16()) {
            tests.push_back(
                { std::string(gemm_mode_name(mode)) + ": a fresh adapter does not diverge and is not pulled",
                  [&folder, mode] { check_fresh_divergence(folder, mode); } });
        }
    }
    tests.push_back(
        { "a fresh adapter has no gradient in A and one in every B", [&] { check_fresh_adapter(folder); } });
    tests.push_back(
        { "a batch gives the same gradient after batches of other shapes", [&] { check_changing_shapes(folder); } });
    return run_tests(argc, argv, tests);
}
