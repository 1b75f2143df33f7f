#include "checkpoint.h"

#include "atomic-file.h"
#include "random.h"

#include <cstring>
#include <fstream>
#include <vector>

namespace {

struct checkpoint_header {
    char             magic[8];
    uint64_t         n_param;
    uint64_t         n_average; // n_param or 0
    checkpoint_state state;
    uint64_t         data_hash;
};

const char MAGIC[8] = { 'K', 'S', 'C', 'K', 'P', 'T', '0', '2' };

// A whole-file check word by word: byte-wise hashing of 60 MB would cost a tenth of a second.
uint64_t hash_words(const std::vector<float> & values, uint64_t hash) {
    for (size_t i = 0; i + 1 < values.size(); i += 2) {
        uint64_t word;
        memcpy(&word, &values[i], sizeof(word));
        hash = (hash ^ word) * 0x100000001b3ull;
    }
    return hash;
}

uint64_t hash_state(const std::vector<float> & params, const adamw_state & moments,
                    const std::vector<float> & average) {
    return hash_words(average,
                      hash_words(moments.v, hash_words(moments.m, hash_words(params, random_hash("checkpoint")))));
}

} // namespace

void checkpoint_save(const std::string & path, const checkpoint_state & state, const lora & adapter,
                     const adamw_state & moments, const std::vector<float> & average) {
    checkpoint_header header = {};
    memcpy(header.magic, MAGIC, sizeof(MAGIC));
    header.n_param    = adapter.params.size();
    header.n_average  = average.size();
    header.state      = state;
    header.data_hash  = hash_state(adapter.params, moments, average);
    const size_t size = sizeof(float) * adapter.params.size();
    file_write_atomic(path, { { &header, sizeof(header) },
                              { adapter.params.data(), size },
                              { moments.m.data(), size },
                              { moments.v.data(), size },
                              { average.data(), sizeof(float) * average.size() } });
}

bool checkpoint_load(const std::string & path, checkpoint_state & state, lora & adapter, adamw_state & moments,
                     std::vector<float> & average, std::string & reason) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        reason = "";
        return false;
    }
    checkpoint_header header;
    file.read((char *) &header, sizeof(header));
    if (!file || memcmp(header.magic, MAGIC, sizeof(MAGIC)) != 0 || header.n_param != adapter.params.size() ||
        (header.n_average != 0 && header.n_average != header.n_param)) {
        reason = "The checkpoint does not fit this run; the training begins anew.";
        return false;
    }
    if (header.state.config_hash != state.config_hash || header.state.dataset_hash != state.dataset_hash) {
        reason = "The checkpoint belongs to another configuration or dataset; the training begins anew.";
        return false;
    }
    std::vector<float> params(header.n_param);
    std::vector<float> mean(header.n_average);
    adamw_state        read;
    read.m.resize(header.n_param);
    read.v.resize(header.n_param);
    const std::streamsize size = (std::streamsize) (sizeof(float) * header.n_param);
    file.read((char *) params.data(), size);
    file.read((char *) read.m.data(), size);
    file.read((char *) read.v.data(), size);
    file.read((char *) mean.data(), (std::streamsize) (sizeof(float) * header.n_average));
    if (!file || header.data_hash != hash_state(params, read, mean)) {
        reason = "The checkpoint is damaged; the training begins anew.";
        return false;
    }
    state          = header.state;
    adapter.params = std::move(params);
    moments        = std::move(read);
    average        = std::move(mean);
    return true;
}
