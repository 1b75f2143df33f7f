// make-tiny-model --arch llama --type q8_0 --seed 1 --output FILE
// Writes a tiny random model (1 to 6 MB, well under a second) for tests that need a real file but no sense in it.

#include "tiny-model.h"

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <map>
#include <stdexcept>
#include <string>

static const char * usage =
    "usage: make-tiny-model --output FILE [--arch llama|qwen2|qwen3]\n"
    "         [--type f32|f16|bf16|q8_0|q4_0|q4_1|q5_0|q5_1|q2_k|q3_k|q4_k|q5_k|q6_k|iq4_nl|iq4_xs] [--embedding-type "
    "TYPE] [--seed N]\n"
    "         [--embd N] [--layers N] [--heads N] [--kv-heads N] [--head-dim N] [--ff N] [--context N]\n"
    "         [--untied] [--rope-factors] [--biases] [--no-chat-template]\n"
    "         [--rope-scaling none|linear|yarn] [--rope-factor F] [--rope-attn-factor F] [--rope-original-context N]\n"
    "         [--rope-base F]\n";

static int to_int(const std::string & text, const std::string & option) {
    char *     end   = nullptr;
    const long value = std::strtol(text.c_str(), &end, 10);
    if (text.empty() || *end != '\0' || value < 0 || value > 1000000) {
        throw std::runtime_error(option + " needs a number, not '" + text + "'");
    }
    return (int) value;
}

int main(int argc, char ** argv) {
    try {
        tiny_model_options                         options;
        std::string                                output;
        int                                        seed  = 1;
        const std::map<std::string, std::string *> texts = {
            { "--arch", &options.arch },
            { "--type", &options.type },
            { "--embedding-type", &options.embedding_type },
            { "--rope-scaling", &options.rope_scaling },
            { "--output", &output },
        };
        const std::map<std::string, int *> numbers = {
            { "--seed", &seed },
            { "--embd", &options.n_embd },
            { "--layers", &options.n_layer },
            { "--heads", &options.n_head },
            { "--kv-heads", &options.n_head_kv },
            { "--head-dim", &options.head_dim },
            { "--ff", &options.n_ff },
            { "--context", &options.n_ctx },
            { "--rope-original-context", &options.rope_orig_ctx },
        };
        const std::map<std::string, float *> reals = {
            { "--rope-factor", &options.rope_factor },
            { "--rope-attn-factor", &options.rope_attn_factor },
            { "--rope-base", &options.rope_base },
        };
        for (int i = 1; i < argc; i++) {
            const std::string option = argv[i];
            if (option == "--help") {
                std::fputs(usage, stdout);
                return 0;
            } else if (option == "--untied") {
                options.tied = false;
            } else if (option == "--rope-factors") {
                options.rope_factors = true;
            } else if (option == "--biases") {
                options.biases = true;
            } else if (option == "--no-chat-template") {
                options.chat_template = false;
            } else if (i + 1 < argc && texts.count(option)) {
                *texts.at(option) = argv[++i];
            } else if (i + 1 < argc && numbers.count(option)) {
                *numbers.at(option) = to_int(argv[++i], option);
            } else if (i + 1 < argc && reals.count(option)) {
                *reals.at(option) = std::strtof(argv[++i], nullptr);
            } else {
                throw std::runtime_error("unknown option or missing value: " + option);
            }
        }
        if (output.empty()) {
            throw std::runtime_error("--output is missing");
        }
        options.seed = (uint64_t) seed;
        write_tiny_model(options, output);
        return 0;
    } catch (const std::exception & error) {
        std::fprintf(stderr, "make-tiny-model: %s\n%s", error.what(), usage);
        return 2;
    }
}
