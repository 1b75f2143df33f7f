#include "cpu-adapter.h"

#include "gemm-bf16.h"

#include <atomic>
#include <exception>
#include <mutex>
#include <thread>

void parallel_for(int n_thread, int n, const std::function<void(int)> & run) {
    std::atomic<int>   next{ 0 };
    std::mutex         mutex;
    std::exception_ptr error;
    const auto         work = [&] {
        try {
            for (int i = next++; i < n; i = next++) {
                run(i);
            }
        } catch (...) {
            const std::lock_guard<std::mutex> lock(mutex);
            error = std::current_exception();
            next  = n;
        }
    };
    std::vector<std::thread> threads;
    for (int i = 1; i < n_thread && i < n; i++) {
        threads.emplace_back(work);
    }
    work();
    for (std::thread & thread : threads) {
        thread.join();
    }
    if (error) {
        std::rethrow_exception(error);
    }
}

namespace {

bool can_pack(const model_group & group, const lora_group & lora, int rank) {
    if (lora.n_t == 0 || rank % 2 != 0) {
        return false;
    }
    for (const model_linear & linear : group.members) {
        if (group.members.size() > 1 && linear.n_out % 32 != 0) {
            return false;
        }
    }
    return true;
}

void pack_group(cpu_lora_pack & pack, const model_group & group, const lora_group & group_lora, const lora & adapter) {
    const int     rank   = adapter.rank;
    const float * params = adapter.params.data();
    const size_t  n_in   = bf16_padded(group.n_in);
    const size_t  n_out  = bf16_padded(group.n_out);
    pack.a.resize(bf16_padded(group_lora.n_t) * n_in);
    pack.a_back.resize(n_in * group_lora.n_t);
    pack.b.resize(n_out * rank);
    pack.column.assign(n_out / 32, -1);
    pack.zero.assign(n_in / 32, 0);
    bf16_pack(params + group_lora.offset_a, group.n_in, 1, group_lora.n_t, group.n_in, (int) n_in, pack.a.data());
    bf16_pack(params + group_lora.offset_a, 1, group.n_in, group.n_in, group_lora.n_t, group_lora.n_t,
              pack.a_back.data());
    int first = 0;
    for (size_t i = 0; i < group.members.size(); i++) {
        const int n = group.members[i].n_out;
        if (group_lora.pair[i] >= 0) {
            const lora_pair & pair = adapter.pairs[group_lora.pair[i]];
            bf16_pack(params + pair.offset_b, rank, 1, n, rank, rank, pack.b.data() + (size_t) first * rank);
            for (size_t panel = first / 32; panel < ((size_t) first + n + 31) / 32; panel++) {
                pack.column[panel] = pair.t_row;
            }
        }
        first += n;
    }
}

void transpose(const lora & adapter, std::vector<float> & transposed, size_t offset, int n_row, int n_col) {
    const float * src = adapter.params.data() + offset;
    float *       dst = transposed.data() + offset;
    for (int i = 0; i < n_row; i++) {
        for (int j = 0; j < n_col; j++) {
            dst[(size_t) j * n_row + i] = src[(size_t) i * n_col + j];
        }
    }
}

void transpose_group(cpu_adapter & packed, const model_group & group, const lora_group & group_lora,
                     const lora & adapter) {
    transpose(adapter, packed.transposed, group_lora.offset_a, group_lora.n_t, group.n_in);
    for (int index : group_lora.pair) {
        if (index >= 0) {
            const lora_pair & pair = adapter.pairs[index];
            transpose(adapter, packed.transposed, pair.offset_b, pair.n_out, pair.rank);
        }
    }
}

} // namespace

void cpu_adapter_refresh(cpu_adapter & packed, const model & base, const lora & adapter, gemm_mode mode, int n_thread) {
    const int n_layer = (int) adapter.layers.size();
    packed.adapter    = &adapter;
    if (packed.packs.empty()) {
        bool all = true;
        packed.packs.resize(n_layer);
        for (int il = 0; il < n_layer; il++) {
            for (int kind = 0; kind < GROUP_COUNT; kind++) {
                cpu_lora_pack      pack;
                const lora_group & lora = adapter.layers[il][kind];
                pack.bf16 = frozen_joins(mode) && can_pack(base.layers[il].groups[kind], lora, adapter.rank);
                all       = all && (pack.bf16 || lora.n_t == 0);
                packed.packs[il].push_back(pack);
            }
        }
        packed.transposed.resize(all ? 0 : adapter.params.size());
    }
    parallel_for(n_thread, n_layer, [&](int il) {
        for (int kind = 0; kind < GROUP_COUNT; kind++) {
            const model_group & group = base.layers[il].groups[kind];
            const lora_group &  lora  = adapter.layers[il][kind];
            if (packed.packs[il][kind].bf16) {
                pack_group(packed.packs[il][kind], group, lora, adapter);
            } else if (lora.n_t > 0) {
                transpose_group(packed, group, lora, adapter);
            }
        }
    });
}
