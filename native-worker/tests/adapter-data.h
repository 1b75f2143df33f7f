// What an adapter file holds, for comparisons between runs.
#pragma once

#include "ggml.h"
#include "gguf.h"

#include "temp-folder.h"

#include <stdexcept>
#include <string>

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
