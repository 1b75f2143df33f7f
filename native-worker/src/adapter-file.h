// Writes the adapter as the GGUF LoRA file that llama.cpp reads: <tensor>.lora_a [n_in, r], .lora_b [r, n_out], F32.
#pragma once

#include "lora.h"

#include <string>
#include <utility>
#include <vector>

// Temporary name, fsync, rename: at any moment there is the whole file or none. Throws disk-full or write-failed.
void adapter_file_write(const std::string & path, const lora & adapter, const std::string & architecture,
                        const std::vector<std::pair<std::string, std::string>> & metadata);
