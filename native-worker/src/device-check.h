// Before a device is trusted with a training, it computes the gradients of a tiny model beside the processor.
#pragma once

#include "device.h"

#include <string>
#include <vector>

struct device_check_request {
    std::string              backends_dir;
    std::vector<std::string> backends;
    std::string              cache; // JSON file of earlier results by worker, ggml, device and driver; "" = none
};

// Compares every A's and every B's gradient, with F32 and with quantised weights, by transposed copies and without
// them. Once a device and driver is enough: later calls read the result from the cache file, a bad one only where it is
// trusted. Throws device-failed with the measured figure when one cosine is below 0.999.
enum device_check_trust { TRUST_NOTHING, TRUST_GOOD_RESULTS, TRUST_ALL_RESULTS };
void device_check(const device_info & device, const device_check_request & request, device_check_trust trust);
