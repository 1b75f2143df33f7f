// A tiny base, an adapter of it and a run of the worker's `merge` over both.
#pragma once

#include "adapter-file.h"
#include "check.h"
#include "toy.h"
#include "worker-process.h"

#include <filesystem>

const int   MERGE_RANK  = 4;
const float MERGE_ALPHA = 12.0f;

inline nlohmann::json merge_config(const std::string & base, const std::string & adapter, const std::string & output,
                                   const std::string & type) {
    return { { "protocol", 1 },
             { "base", base },
             { "adapter", adapter },
             { "output", output },
             { "type", type },
             { "threads", 2 },
             { "backends_dir", backends_dir() },
             { "metadata", { { "keepsake.adapter_id", "a1" }, { "general.name", "Tiny ü" } } } };
}

inline worker_result merge(const temp_folder & folder, const nlohmann::json & config,
                           const worker_watcher & watcher = {}) {
    return run_worker_config(folder, "merge", config, watcher);
}

inline void check_merged(const worker_result & result, const std::string & output) {
    CHECK(result.exit_code == 0, result.exit_code, result.errors, result.last("error").dump());
    CHECK(result.last("done")["output"] == output, result.last("done").dump());
    CHECK(result.last("done")["bytes"] == std::filesystem::file_size(output), result.last("done").dump());
    CHECK(!std::filesystem::exists(output + ".partial"), "the temporary file is still there");
}

// A base of the family and an adapter that changes all of its linears.
struct pair_of_files {
    std::string base;
    std::string adapter;
};

inline pair_of_files make_files(const temp_folder & folder, const tiny_model_options & options) {
    const std::string name = options.arch + "-" + options.type + "-" + std::to_string(options.n_embd) + "-" +
                             std::to_string(options.n_layer);
    pair_of_files     out  = { folder.path(name + ".gguf"), folder.path(name + "-adapter.gguf") };
    write_tiny_model(options, out.base);
    const auto cur = open_toy(out.base, GEMM_F32, MERGE_RANK, MERGE_ALPHA, 0.15f);
    adapter_file_write(out.adapter, cur->adapter, options.arch,
                       { { "keepsake.base_hash", "abc" }, { "keepsake.run_id", "run 1" } });
    return out;
}
