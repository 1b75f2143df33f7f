// The worker's forward pass gives libllama's logits: per family and weight type, with and without an adapter.
//
// Two references for a quantised file. "Exact": libllama on an F32 file that holds what the quantised weights decode
// to; the worker's F32 products must agree to rounding. "Served": libllama on the very file, whose CPU products round
// activations to 8 bits; there the most probable token must be the same at >= 99 % of the positions that are no near
// tie, that is, whose two best logits differ by more than libllama's own rounding.

#include "adapter-file.h"
#include "check.h"
#include "llama-reference.h"
#include "toy.h"

#include <cmath>
#include <cstdlib>

namespace {

const int   RANK  = 4;
const float ALPHA = 12.0f;

struct agreement {
    double relative = 0.0; // root mean square of the difference over that of the reference
    double top1     = 0.0; // share of equal most probable tokens, near ties left out
    double top1_all = 0.0; // the same over all positions
    int    n        = 0;   // positions that count for top1
    int    n_all    = 0;
};

std::vector<std::vector<int32_t>> random_sequences(int n, int length, uint64_t seed) {
    tiny_random                       random(seed);
    std::vector<std::vector<int32_t>> sequences;
    for (int i = 0; i < n; i++) {
        sequences.emplace_back();
        for (int j = 0; j < length; j++) {
            sequences.back().push_back((int32_t) random.below(tiny_n_vocab));
        }
    }
    return sequences;
}

// The worker supervises every position but the last: those logits are compared.
std::vector<std::vector<float>> worker_logits(toy & cur, const std::vector<std::vector<int32_t>> & sequences,
                                              bool adapted) {
    std::vector<std::vector<float>> all;
    for (const std::vector<int32_t> & tokens : sequences) {
        const micro_batch batch = make_batch({ tokens }, { std::vector<float>(tokens.size(), 1.0f) }, 1.0f);
        const auto        rows  = run_logits(cur, { batch }, adapted);
        all.insert(all.end(), rows.begin(), rows.end());
    }
    return all;
}

std::vector<std::vector<float>> reference_logits(llama_reference &                         reference,
                                                 const std::vector<std::vector<int32_t>> & sequences) {
    std::vector<std::vector<float>> all;
    for (const std::vector<int32_t> & tokens : sequences) {
        const auto rows = reference.logits(tokens);
        all.insert(all.end(), rows.begin(), rows.end() - 1);
    }
    return all;
}

agreement compare(const std::vector<std::vector<float>> & ours, const std::vector<std::vector<float>> & theirs,
                  double tie_margin) {
    CHECK(ours.size() == theirs.size(), ours.size(), theirs.size());
    agreement out;
    double    difference = 0.0;
    double    size       = 0.0;
    int       equal      = 0;
    int       equal_all  = 0;
    for (size_t row = 0; row < ours.size(); row++) {
        for (size_t i = 0; i < ours[row].size(); i++) {
            difference += std::pow((double) ours[row][i] - theirs[row][i], 2);
            size += std::pow((double) theirs[row][i], 2);
        }
        std::vector<float> rest  = theirs[row];
        const int          first = largest(rest);
        rest[first]              = -INFINITY;
        if (theirs[row][first] - rest[largest(rest)] >= tie_margin) {
            out.n++;
            equal += largest(ours[row]) == first;
        }
        equal_all += largest(ours[row]) == first;
        out.n_all++;
    }
    out.relative = std::sqrt(difference / size);
    out.top1     = out.n > 0 ? (double) equal / out.n : 0.0;
    out.top1_all = (double) equal_all / out.n_all;
    return out;
}

void check_agreement(const std::string & what, const agreement & found, double limit, double top1) {
    std::printf("        %-34s relative difference %.2e, top-1 %.2f %% of %d (all %d: %.2f %%)\n", what.c_str(),
                found.relative, 100 * found.top1, found.n, found.n_all, 100 * found.top1_all);
    CHECK(std::isfinite(found.relative) && found.relative <= limit, what, found.relative, limit);
    CHECK(found.n >= found.n_all / 3, what, found.n, found.n_all);
    CHECK(found.top1 >= top1, what, found.top1, top1);
}

// Relative differences that were measured: exact 2e-6; served 0.014 to 0.034 (libllama's rounding of activations to 8
// bits, not the worker's); BF16 products 0.005 to 0.010.
const double EXACT_LIMIT = 1e-5;
const double OWN_LIMIT =
    0.015; // ggml's own products on the very file: 0 to 0.006, where an order of sums tips a rounding
const double SERVED_LIMIT = 0.05;
const double BF16_LIMIT   = 0.02;

void check_model(const temp_folder & folder, const tiny_model_options & options) {
    const std::string name  = options.arch + "-" + options.type;
    const std::string path  = folder.path(name + ".gguf");
    const std::string exact = folder.path(name + "-exact.gguf");
    write_tiny_model(options, path);
    write_dequantised_model(path, exact);
    const auto        sequences    = random_sequences(4, 48, 5);
    const auto        fast         = open_toy(path, GEMM_F32, RANK, ALPHA, 0.15f);
    const std::string adapter_path = folder.path(name + "-adapter.gguf");
    adapter_file_write(adapter_path, fast->adapter, options.arch, {});
    std::unique_ptr<toy> bf16;
    if (gemm_has_bf16()) {
        bf16 = open_toy(path, GEMM_BF16, RANK, ALPHA, 0.15f);
    }
    const auto                      plain = open_toy(path, GEMM_GGML, RANK, ALPHA, 0.15f);
    std::vector<std::vector<float>> base;
    for (const bool adapted : { false, true }) {
        const std::string label = name + (adapted ? " adapted" : " base");
        llama_reference   exact_reference(exact, adapted ? adapter_path : "", 1);
        llama_reference   served_reference(path, adapted ? adapter_path : "", 1);
        const auto        ours   = worker_logits(*fast, sequences, adapted);
        const auto        theirs = reference_logits(exact_reference, sequences);
        check_agreement(label + ", exact", compare(ours, theirs, 0.0), EXACT_LIMIT, 0.99);
        const auto served = reference_logits(served_reference, sequences);
        check_agreement(label + ", served", compare(ours, served, 0.1), SERVED_LIMIT, 0.99);
        check_agreement(label + ", ggml's own", compare(worker_logits(*plain, sequences, adapted), served, 0.05),
                        options.type == "f32" ? EXACT_LIMIT : OWN_LIMIT, 0.99);
        if (bf16) {
            check_agreement(label + ", BF16", compare(worker_logits(*bf16, sequences, adapted), theirs, 0.1),
                            BF16_LIMIT, 0.99);
        }
        if (adapted) {
            CHECK(compare(ours, base, 0.0).relative > 0.1, "the adapter changes nothing");
        }
        base = ours;
    }
}

std::string find_base_model() {
    if (const char * path = std::getenv("KEEPSAKE_BASE_MODEL")) {
        return path;
    }
    const char *      cache = std::getenv("XDG_CACHE_HOME");
    const char *      home  = std::getenv("HOME");
    const std::string root  = cache && *cache ? cache : std::string(home ? home : "") + "/.cache";
    return root + "/keepsake/models/SmolLM2-135M-Instruct.Q4_1.gguf";
}

const char * const TEXT =
    "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n<|im_start|>user\nHow do bees make honey?<|im_end|>\n"
    "<|im_start|>assistant\nBees collect nectar from flowers and carry it back to the hive. There, other bees take the "
    "nectar into their mouths, mix it with enzymes and put it into the cells of the comb. The water in it evaporates, "
    "and the bees help by fanning their wings over the open cells. When the honey is thick enough, they close the cell "
    "with wax, so that it keeps for the winter. A single worker makes about a twelfth of a teaspoon of honey in her "
    "whole life, and a large hive needs some thirty kilograms to live through the cold months.<|im_end|>\n"
    "<|im_start|>user\nAnd why do we need oceans?<|im_end|>\n<|im_start|>assistant\nOceans hold almost all of the "
    "water "
    "on Earth and cover more than two thirds of its surface. They take up heat from the sun in summer and give it back "
    "in winter, so the land near the coast has a mild climate. Currents such as the Gulf Stream carry warm water from "
    "the tropics to the north. Small plants that drift near the surface produce about half of the oxygen that we "
    "breathe. Ships carry most of the goods that countries sell to each other, and more than three billion people eat "
    "fish as an important part of their food.<|im_end|>\n<|im_start|>user\nWhat is the capital of France?<|im_end|>\n"
    "<|im_start|>assistant\nThe capital of France is Paris. It lies on the river Seine and has about two million "
    "inhabitants.<|im_end|>\n";

void check_real_model(const std::string & path) {
    llama_reference   base_reference(path, "");
    const auto        tokens = base_reference.tokenise(TEXT);
    const temp_folder folder;
    const std::string adapter_path = folder.path("adapter.gguf");
    const std::string exact        = folder.path("exact.gguf");
    CHECK(tokens.size() > 250, tokens.size());
    write_dequantised_model(path, exact);
    std::vector<std::vector<float>> served_logits[2]; // without and with the adapter
    std::vector<std::vector<float>> exact_logits[2];
    for (const gemm_mode mode : { GEMM_F32, GEMM_BF16 }) {
        if (mode == GEMM_BF16 && !gemm_has_bf16()) {
            continue;
        }
        const auto cur = open_toy(path, mode, RANK, ALPHA, 0.01f);
        for (const bool adapted : { false, true }) {
            if (mode == GEMM_F32) { // the adapter is the same in both modes
                adapter_file_write(adapter_path, cur->adapter, "llama", {});
                llama_reference served(path, adapted ? adapter_path : "");
                llama_reference plain(exact, adapted ? adapter_path : "");
                served_logits[adapted] = reference_logits(served, { tokens });
                exact_logits[adapted]  = reference_logits(plain, { tokens });
            }
            const std::string label = std::string("SmolLM2 ") + gemm_mode_name(mode) + (adapted ? " adapted" : " base");
            const auto        ours  = worker_logits(*cur, { tokens }, adapted);
            const bool        rounded = mode == GEMM_BF16;
            check_agreement(label + ", served", compare(ours, served_logits[adapted], 0.25), SERVED_LIMIT, 0.99);
            check_agreement(label + ", exact", compare(ours, exact_logits[adapted], rounded ? 0.1 : 0.0),
                            rounded ? BF16_LIMIT : EXACT_LIMIT, 0.99);
        }
    }
}

} // namespace

int main(int argc, char ** argv) {
    const temp_folder      folder;
    std::vector<test_case> tests;
    for (const char * arch : { "llama", "qwen2", "qwen3" }) {
        for (const char * type : { "f32", "f16", "q8_0", "q4_0", "q4_1", "q4_k", "q5_k", "q6_k" }) {
            tests.push_back(
                { std::string(arch) + " with " + type + " weights gives libllama's logits", [&folder, arch, type] {
                     tiny_model_options options;
                     options.arch         = arch;
                     options.type         = type;
                     options.tied         = std::string(arch) != "qwen2";
                     options.rope_factors = std::string(arch) == "llama";
                     check_model(folder, options);
                 } });
        }
    }
    const std::string path = find_base_model();
    if (!std::getenv("KEEPSAKE_TEST_SHORT") && access(path.c_str(), R_OK) == 0) {
        tests.push_back({ "SmolLM2 gives libllama's logits on English text", [path] { check_real_model(path); } });
    } else {
        std::printf("SmolLM2 is left out: no file %s, or a short run\n", path.c_str());
    }
    return run_tests(argc, argv, tests);
}
