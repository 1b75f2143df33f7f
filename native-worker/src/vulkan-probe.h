// Which Vulkan devices the system has, asked of the Vulkan loader itself: ggml names none that is not a GPU, and its
// plug-in reads the environment once, when it is loaded.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

struct vulkan_device {
    std::string name;
    uint32_t    driver_version = 0;
    bool        software       = false; // computed by the processor
};

// Empty where there is no loader or no driver. Never throws.
std::vector<vulkan_device> vulkan_probe();
