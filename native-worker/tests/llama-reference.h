// libllama as the reference: logits and greedy text of a model file, with or without an adapter.
//
// Flash attention off, F32 cache, no repacked weights: the settings under which its results are exact.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

struct llama_model;
struct llama_context;
struct llama_adapter_lora;

class llama_reference {
public:
    // adapter_path: empty = the base alone.
    llama_reference(const std::string & model_path, const std::string & adapter_path, int n_thread = 2);
    ~llama_reference();
    llama_reference(const llama_reference &)             = delete;
    llama_reference & operator=(const llama_reference &) = delete;

    // Logits at every position of one sequence, [tokens][n_vocab].
    std::vector<std::vector<float>> logits(const std::vector<int32_t> & tokens);

    // The most probable continuation, at most n_max tokens, ended by the model's end-of-generation token (included).
    std::vector<int32_t> greedy(std::vector<int32_t> tokens, int n_max);

    std::vector<int32_t> tokenise(const std::string & text) const;

private:
    llama_model *        model   = nullptr;
    llama_context *      context = nullptr;
    llama_adapter_lora * adapter = nullptr;
};

// Position of the largest value.
int largest(const std::vector<float> & values);
