#include "llama-reference.h"

#include "llama.h"

#include <algorithm>
#include <stdexcept>

namespace {

const int CONTEXT = 512;

void quiet(enum ggml_log_level level, const char * text, void *) {
    if (level == GGML_LOG_LEVEL_ERROR) {
        fputs(text, stderr);
    }
}

} // namespace

llama_reference::llama_reference(const std::string & model_path, const std::string & adapter_path, int n_thread) {
    llama_log_set(quiet, nullptr);
    if (ggml_backend_dev_count() == 0) {
        ggml_backend_load_all_from_path(KEEPSAKE_BACKENDS_DIR);
    }
    llama_model_params model_params = llama_model_default_params();
    model_params.n_gpu_layers       = 0;
    model_params.use_extra_bufts    = false;
    model                           = llama_model_load_from_file(model_path.c_str(), model_params);
    if (!model) {
        throw std::runtime_error("libllama does not load " + model_path);
    }
    if (!adapter_path.empty()) {
        adapter = llama_adapter_lora_init(model, adapter_path.c_str());
        if (!adapter) {
            throw std::runtime_error("libllama does not load the adapter " + adapter_path);
        }
    }
    llama_context_params params = llama_context_default_params();
    params.n_ctx                = CONTEXT;
    params.n_batch              = CONTEXT;
    params.n_ubatch             = CONTEXT;
    params.n_threads            = n_thread;
    params.n_threads_batch      = n_thread;
    params.flash_attn_type      = LLAMA_FLASH_ATTN_TYPE_DISABLED;
    params.type_k               = GGML_TYPE_F32;
    params.type_v               = GGML_TYPE_F32;
    params.no_perf              = true;
    context                     = llama_init_from_model(model, params);
    if (!context) {
        throw std::runtime_error("libllama gives no context for " + model_path);
    }
    if (adapter) {
        float scale = 1.0f;
        if (llama_set_adapters_lora(context, &adapter, 1, &scale) != 0) {
            throw std::runtime_error("libllama does not apply the adapter " + adapter_path);
        }
    }
}

llama_reference::~llama_reference() {
    llama_free(context);
    llama_model_free(model); // frees the adapter as well
}

std::vector<std::vector<float>> llama_reference::logits(const std::vector<int32_t> & tokens) {
    llama_memory_clear(llama_get_memory(context), true);
    llama_batch batch = llama_batch_init((int32_t) tokens.size(), 0, 1);
    for (size_t i = 0; i < tokens.size(); i++) {
        batch.token[i]     = tokens[i];
        batch.pos[i]       = (llama_pos) i;
        batch.n_seq_id[i]  = 1;
        batch.seq_id[i][0] = 0;
        batch.logits[i]    = 1;
    }
    batch.n_tokens    = (int32_t) tokens.size();
    const int decoded = llama_decode(context, batch);
    llama_batch_free(batch);
    if (decoded != 0) {
        throw std::runtime_error("libllama's decode failed");
    }
    const int                       n_vocab = llama_vocab_n_tokens(llama_model_get_vocab(model));
    std::vector<std::vector<float>> out;
    for (size_t i = 0; i < tokens.size(); i++) {
        const float * row = llama_get_logits_ith(context, (int32_t) i);
        out.emplace_back(row, row + n_vocab);
    }
    return out;
}

std::vector<int32_t> llama_reference::greedy(std::vector<int32_t> tokens, int n_max) {
    std::vector<int32_t> out;
    while ((int) out.size() < n_max) {
        const int next = largest(logits(tokens).back());
        out.push_back(next);
        tokens.push_back(next);
        if (llama_vocab_is_eog(llama_model_get_vocab(model), next)) {
            break;
        }
    }
    return out;
}

std::vector<int32_t> llama_reference::tokenise(const std::string & text) const {
    std::vector<int32_t> tokens(text.size() + 16);
    const int n = llama_tokenize(llama_model_get_vocab(model), text.c_str(), (int32_t) text.size(), tokens.data(),
                                 (int32_t) tokens.size(), true, true);
    if (n < 0) {
        throw std::runtime_error("libllama's tokeniser needs more room");
    }
    tokens.resize((size_t) n);
    return tokens;
}

int largest(const std::vector<float> & values) {
    return (int) (std::max_element(values.begin(), values.end()) - values.begin());
}
