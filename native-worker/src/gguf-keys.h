// Key values of a GGUF file: the type is asked for before the value, since ggml asserts on a wrong one.
#pragma once

#include "gguf.h"

#include <cstdint>
#include <string>

// model-corrupt and model-unsupported, both exit code 5. `what` of the second is a whole sentence.
[[noreturn]] void fail_corrupt(const std::string & what);
[[noreturn]] void fail_unsupported(const std::string & what);

// "" where the key is missing or no text.
std::string key_string(const gguf_context * gguf, const std::string & key);

// One number for all layers, given as it is or as a list of equal ones; is_list_of_many where they differ.
// Throws model-corrupt where it is no integer.
int64_t key_integer(const gguf_context * gguf, const std::string & key, int64_t fallback,
                    bool * is_list_of_many = nullptr);

// Throws model-corrupt where the key is there and no finite F32.
float key_float(const gguf_context * gguf, const std::string & key, float fallback);

bool key_flag(const gguf_context * gguf, const std::string & key, bool fallback);
