// What an adapter file holds, for comparisons between runs; and adapter files as other programs write them.
#pragma once

#include "ggml.h"
#include "gguf.h"

#include "temp-folder.h"
#include "tiny-random.h"

#include <stdexcept>
#include <string>
#include <vector>

// The bytes of the tensor data section: equal for equal tensors, whatever the metadata say.
inline std::string adapter_tensor_data(const std::string & path) {
    gguf_context * gguf = gguf_init_from_file(path.c_str(), { /*no_alloc =*/true, nullptr });
    if (!gguf) {
        throw std::runtime_error("not a GGUF file: " + path);
    }
    const size_t offset = gguf_get_data_offset(gguf);
    gguf_free(gguf);
    const std::string bytes = read_file(path);
    if (bytes.size() <= offset) {
        throw std::runtime_error("no tensor data in " + path);
    }
    return bytes.substr(offset);
}

// Random values of the given deviation.
struct adapter_tensor {
    std::string name;
    int64_t     ne0       = 0;
    int64_t     ne1       = 0;
    float       deviation = 0.1f;
    ggml_type   type      = GGML_TYPE_F32;
};

// alpha 0 = the file has none.
inline void write_adapter(const std::string & path, const std::string & architecture, float alpha,
                          const std::vector<adapter_tensor> & tensors) {
    gguf_context * gguf = gguf_init_empty();
    gguf_set_val_str(gguf, "general.type", "adapter");
    gguf_set_val_str(gguf, "general.architecture", architecture.c_str());
    gguf_set_val_str(gguf, "adapter.type", "lora");
    if (alpha != 0.0f) {
        gguf_set_val_f32(gguf, "adapter.lora.alpha", alpha);
    }
    ggml_context *                    ctx = ggml_init({ ggml_tensor_overhead() * (tensors.size() + 1), nullptr, true });
    std::vector<std::vector<uint8_t>> data;
    tiny_random                       random(23);
    for (const adapter_tensor & tensor : tensors) {
        std::vector<float> values((size_t) (tensor.ne0 * tensor.ne1));
        for (float & value : values) {
            value = tensor.deviation * random.normal();
        }
        ggml_tensor * cur = ggml_new_tensor_2d(ctx, tensor.type, tensor.ne0, tensor.ne1);
        data.emplace_back(ggml_nbytes(cur));
        ggml_quantize_chunk(tensor.type, values.data(), data.back().data(), 0, tensor.ne1, tensor.ne0, nullptr);
        cur->data = data.back().data();
        ggml_set_name(cur, tensor.name.c_str());
        gguf_add_tensor(gguf, cur);
    }
    const bool written = gguf_write_to_file(gguf, path.c_str(), /*only_meta =*/false);
    ggml_free(ctx);
    gguf_free(gguf);
    if (!written) {
        throw std::runtime_error("could not write " + path);
    }
}
