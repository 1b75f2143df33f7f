// The run configuration: JSON is checked here once and is unknown beyond this point.
#pragma once

#include "adamw.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

struct run_config {
    int         protocol = 1;
    std::string run_id;
    std::string base;
    std::string backends_dir;
    std::string device   = "cpu";
    int         n_thread = 1;
    std::string gemm     = "auto";

    // any device but the processor
    std::vector<std::string> backends;                    // plug-in files
    std::string              self_test_cache;             // file; empty = the device is checked at every start
    std::string              backward           = "auto"; // auto | transposed | dequantised
    int                      micro_batch_tokens = 0;      // 0 = as many as fit
    int64_t                  device_memory      = 0;      // bytes that may be used; 0 = what is free

    std::string dataset;
    std::string probes;
    int         probe_every = 0; // steps; 0 = never
    std::string output;
    std::string checkpoint; // file; empty = none
    double      checkpoint_every_s = 120.0;
    bool        resume             = false;

    int                      rank  = 16;
    float                    alpha = 32.0f;
    std::vector<std::string> target_modules;
    uint64_t                 seed = 42;

    float        learning_rate     = 1e-3f;
    float        final_lr_fraction = 0.1f;
    std::string  schedule          = "linear"; // linear | cosine | constant
    int          warmup_steps      = 0;
    adamw_params adamw;
    int          batch_size   = 8;
    int          epochs       = 1;
    int          max_steps    = 0;    // 0 = as the epochs give
    float        average_last = 0.0f; // share of the steps, the last ones, whose mean weights are the result; 0 = none
    std::string  init_adapter;
    std::vector<std::pair<std::string, std::string>> metadata;

    // score, inspect and merge
    std::string adapter;
    std::string model;
    bool        forward = false;
    std::string base_sha256; // "" = not checked
    std::string merge_type;

    uint64_t hash = 0; // of everything that decides the trained tensors, except the dataset's content
};

// Throws bad-config (exit code 2) with the field's name. command: which fields must be there.
run_config run_config_read(const std::string & path, const std::string & command);
