// What a device has to hold for a training, found before anything is put on it: the graph of the largest micro-batches
// is built without memory, every node is asked for, and ggml's allocator says how much the pass would take.
#pragma once

#include "device.h"
#include "plain-ops.h"

#include <functional>

struct plain_plan {
    plain_settings settings;
    int            n_token      = 0; // of a micro-batch
    int64_t        weight_bytes = 0;
    int64_t        pass_bytes   = 0;
    int64_t        free_bytes   = 0; // what the plan may use

    int64_t memory_bytes() const { return weight_bytes + pass_bytes; }
};

struct plain_wishes {
    std::string backward = "auto"; // transposed | dequantised | auto
    int         n_token  = 0;      // 0 = as many as fit
    int64_t     limit    = 0;      // of the device's memory; 0 = what is free
};

// The micro-batches that a run would make of n_token tokens each; only the largest are looked at.
using batches_of_size = std::function<std::vector<micro_batch>(int n_token)>;

// The first of these that fits: transposed copies with few large micro-batches, ... , dequantised blocks with many
// small ones. Throws out-of-memory with the numbers, device-unsupported with the operation's name.
plain_plan plain_plan_make(const model & base, const lora & adapter, const device_info & device,
                           const plain_wishes & wishes, const batches_of_size & make_batches);

// Of many micro-batches those with the most tokens, the longest sequences and the most supervised rows.
std::vector<micro_batch> plain_largest(const std::vector<micro_batch> & batches);

// Throws device-unsupported for the first node that the device does not compute.
void plain_check_nodes(ggml_cgraph * graph, ggml_backend_dev_t dev, const std::string & device);
