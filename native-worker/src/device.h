// What can compute on this machine: the processor, and the devices of ggml's other plug-ins.
#pragma once

#include "ggml-backend.h"

#include <cstdint>
#include <string>
#include <vector>

struct device_info {
    std::string        name;        // "cpu", "vulkan0", "cuda0", "metal0"
    std::string        description; // "NVIDIA GeForce RTX 4090"
    std::string        type;        // cpu | gpu | igpu | software (a GPU's interface computed by the processor)
    std::string        driver;      // its version, as far as it can be asked for
    int64_t            memory_free  = 0;
    int64_t            memory_total = 0;
    bool               supported    = false;
    std::string        reason;         // why not supported
    bool               present = true; // false = nothing speaks for such a device being in this machine
    ggml_backend_dev_t dev     = nullptr;
};

// Loads the processor's plug-in from the folder and the given plug-in files, once a process, and lists every device:
// the processor last. A plug-in that cannot be loaded, or that finds no device, is listed with its reason.
const std::vector<device_info> & devices_find(const std::string &              backends_dir,
                                              const std::vector<std::string> & backends);

// The device of a name; "cuda" stands for the first CUDA device. Throws device-missing with what there is.
const device_info & device_named(const std::vector<device_info> & devices, const std::string & name);

// Those that "auto" may take, best first: CUDA, Metal, Vulkan (never a software device), the processor.
std::vector<const device_info *> devices_preferred(const std::vector<device_info> & devices);

inline bool device_is_cpu(const device_info & device) {
    return device.type == "cpu";
}

// What the machine has free, at most what a container may take in all.
int64_t memory_available();
