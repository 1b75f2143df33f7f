#include "gguf-keys.h"

#include "error.h"

#include <cmath>

void fail_corrupt(const std::string & what) {
    throw worker_error("model-corrupt", "The model file cannot be read: " + what + ".",
                       "Choose another base model file, or download this one again.", EXIT_CODE_MODEL);
}

void fail_unsupported(const std::string & what) {
    throw worker_error("model-unsupported", what, "Choose a base model of the family llama, qwen2 or qwen3.",
                       EXIT_CODE_MODEL);
}

std::string key_string(const gguf_context * gguf, const std::string & key) {
    const int64_t id = gguf_find_key(gguf, key.c_str());
    return id >= 0 && gguf_get_kv_type(gguf, id) == GGUF_TYPE_STRING ? gguf_get_val_str(gguf, id) : "";
}

// A list of one number per layer, as some converters write it.
static int64_t list_integer(const gguf_context * gguf, int64_t id, const std::string & key, bool * is_list_of_many) {
    const gguf_type type = gguf_get_arr_type(gguf, id);
    const size_t    n    = gguf_get_arr_n(gguf, id);
    if ((type != GGUF_TYPE_UINT32 && type != GGUF_TYPE_INT32) || n == 0 || !is_list_of_many) {
        fail_corrupt("the key " + key + " is not an integer");
    }
    const uint32_t * data = (const uint32_t *) gguf_get_arr_data(gguf, id);
    for (size_t i = 1; i < n; i++) {
        *is_list_of_many = *is_list_of_many || data[i] != data[0];
    }
    return type == GGUF_TYPE_UINT32 ? (int64_t) data[0] : (int64_t) (int32_t) data[0];
}

int64_t key_integer(const gguf_context * gguf, const std::string & key, int64_t fallback, bool * is_list_of_many) {
    const int64_t id = gguf_find_key(gguf, key.c_str());
    if (id < 0) {
        return fallback;
    }
    switch (gguf_get_kv_type(gguf, id)) {
    case GGUF_TYPE_UINT32: return gguf_get_val_u32(gguf, id);
    case GGUF_TYPE_INT32: return gguf_get_val_i32(gguf, id);
    case GGUF_TYPE_UINT16: return gguf_get_val_u16(gguf, id);
    case GGUF_TYPE_UINT64: return (int64_t) gguf_get_val_u64(gguf, id);
    case GGUF_TYPE_ARRAY: return list_integer(gguf, id, key, is_list_of_many);
    default: fail_corrupt("the key " + key + " is not an integer");
    }
}

float key_float(const gguf_context * gguf, const std::string & key, float fallback) {
    const int64_t id = gguf_find_key(gguf, key.c_str());
    if (id < 0) {
        return fallback;
    }
    if (gguf_get_kv_type(gguf, id) != GGUF_TYPE_FLOAT32 || !std::isfinite(gguf_get_val_f32(gguf, id))) {
        fail_corrupt("the key " + key + " is not a number");
    }
    return gguf_get_val_f32(gguf, id);
}

bool key_flag(const gguf_context * gguf, const std::string & key, bool fallback) {
    const int64_t id = gguf_find_key(gguf, key.c_str());
    return id >= 0 && gguf_get_kv_type(gguf, id) == GGUF_TYPE_BOOL ? gguf_get_val_bool(gguf, id) : fallback;
}
