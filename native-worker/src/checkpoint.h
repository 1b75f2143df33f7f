// The state of a run after a whole step: A and B, both moments, the step; bound to the configuration and dataset.
#pragma once

#include "adamw.h"
#include "lora.h"

#include <cstdint>
#include <string>
#include <vector>

struct checkpoint_state {
    uint64_t config_hash  = 0;
    uint64_t dataset_hash = 0;
    int64_t  step         = 0;
    int64_t  tokens       = 0;
    double   seconds      = 0.0;
    double   loss         = 0.0;
};

// average: mean of the weights of the last steps so far, empty before them.
void checkpoint_save(const std::string & path, const checkpoint_state & state, const lora & adapter,
                     const adamw_state & moments, const std::vector<float> & average);

// false = there is none, or it belongs to another run or is damaged (reason says which); nothing is changed then.
bool checkpoint_load(const std::string & path, checkpoint_state & state, lora & adapter, adamw_state & moments,
                     std::vector<float> & average, std::string & reason);
