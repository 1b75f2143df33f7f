#include "adapter-file.h"

#include "atomic-file.h"
#include "gguf.h"

void adapter_file_write(const std::string & path, const lora & adapter, const std::string & architecture,
                        const std::vector<std::pair<std::string, std::string>> & metadata) {
    gguf_context * gguf = gguf_init_empty();
    gguf_set_val_str(gguf, "general.type", "adapter");
    gguf_set_val_str(gguf, "general.architecture", architecture.c_str());
    gguf_set_val_str(gguf, "adapter.type", "lora");
    gguf_set_val_f32(gguf, "adapter.lora.alpha", adapter.alpha);
    for (const auto & item : metadata) {
        gguf_set_val_str(gguf, item.first.c_str(), item.second.c_str());
    }
    ggml_init_params init = { ggml_tensor_overhead() * (adapter.pairs.size() * 2 + 1), nullptr, true };
    ggml_context *   ctx  = ggml_init(init);
    for (const lora_pair & pair : adapter.pairs) {
        ggml_tensor * a = ggml_new_tensor_2d(ctx, GGML_TYPE_F32, pair.n_in, pair.rank);
        ggml_tensor * b = ggml_new_tensor_2d(ctx, GGML_TYPE_F32, pair.rank, pair.n_out);
        ggml_set_name(a, (pair.name + ".lora_a").c_str());
        ggml_set_name(b, (pair.name + ".lora_b").c_str());
        gguf_add_tensor(gguf, a);
        gguf_add_tensor(gguf, b);
    }
    // The meta data first, then the tensors at the offsets that it names.
    std::vector<char> file(gguf_get_meta_size(gguf));
    gguf_get_meta_data(gguf, file.data());
    const size_t start = gguf_get_data_offset(gguf) > file.size() ? gguf_get_data_offset(gguf) : file.size();
    file.resize(start, 0);
    int64_t id = 0;
    for (const lora_pair & pair : adapter.pairs) {
        const size_t offsets[2] = { pair.offset_a, pair.offset_b };
        for (size_t offset : offsets) {
            const size_t at   = start + gguf_get_tensor_offset(gguf, id);
            const size_t size = gguf_get_tensor_size(gguf, id);
            file.resize(at, 0);
            const char * data = (const char *) (adapter.params.data() + offset);
            file.insert(file.end(), data, data + size);
            id++;
        }
    }
    const size_t alignment = gguf_get_alignment(gguf);
    file.resize((file.size() + alignment - 1) / alignment * alignment, 0);
    ggml_free(ctx);
    gguf_free(gguf);
    file_write_atomic(path, { { file.data(), file.size() } });
}
