#include "gemm-onednn.h"

#include <cstdlib>
#include <cstring>

#if defined(KEEPSAKE_WITH_ONEDNN)

#include "error.h"

#include <oneapi/dnnl/dnnl.hpp>

#include <array>
#include <dlfcn.h>
#include <map>
#include <mutex>
#include <vector>

static bool asked_for(const char * value) {
    const char * choice = getenv("KEEPSAKE_ONEDNN");
    return choice && strcmp(choice, value) == 0;
}

bool onednn_available() {
    static const bool available = !asked_for("0");
    return available;
}

bool onednn_has_tiles() {
    static const bool tiles =
        onednn_available() && (asked_for("bf16") || dnnl::get_effective_cpu_isa() >= dnnl::cpu_isa::avx512_core_amx);
    return tiles;
}

void onednn_use_one_thread() {
    // The library brings GNU OpenMP with it; its thread count is a setting of the calling thread.
    typedef void (*set_threads)(int);
    static const auto set = (set_threads) dlsym(RTLD_DEFAULT, "omp_set_num_threads");
    if (set) {
        set(1);
    }
}

void onednn_f32(bool b_transposed, int m, int n, int k, const float * a, ptrdiff_t lda, const float * b, ptrdiff_t ldb,
                float * c, ptrdiff_t ldc, bool accumulate) {
    if (dnnl_sgemm('N', b_transposed ? 'T' : 'N', m, n, k, 1.0f, a, lda, b, ldb, accumulate ? 1.0f : 0.0f, c, ldc) !=
        dnnl_success) {
        throw worker_error("compute-failed", "oneDNN refused a matrix product.", "Set \"gemm\" to \"ggml\".",
                           EXIT_CODE_FAILED);
    }
}

namespace {

// transposed, m, n, k, lda, ldb, ldc, accumulate
typedef std::array<int64_t, 8> product_key;

struct product {
    dnnl::memory::desc a;
    dnnl::memory::desc b;
    dnnl::memory::desc c;
    dnnl::memory::desc scratch;
    dnnl::matmul       run;
};

const dnnl::engine & cpu_engine() {
    static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
    return engine;
}

product make_product(const product_key & key) {
    using dnnl::memory;
    const int64_t      m         = key[1];
    const int64_t      n         = key[2];
    const int64_t      k         = key[3];
    const memory::dims b_strides = key[0] ? memory::dims{ 1, key[5] } : memory::dims{ key[5], 1 };
    product            out;
    out.a = memory::desc({ m, k }, memory::data_type::bf16, memory::dims{ key[4], 1 });
    out.b = memory::desc({ k, n }, memory::data_type::bf16, b_strides);
    out.c = memory::desc({ m, n }, memory::data_type::f32, memory::dims{ key[6], 1 });
    dnnl::primitive_attr attributes;
    // The library's own scratch memory belongs to the thread that made the product; ours to the one that runs it.
    attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    if (key[7]) {
        dnnl::post_ops sum;
        sum.append_sum(1.0f);
        attributes.set_post_ops(sum);
    }
    const dnnl::matmul::primitive_desc desc(cpu_engine(), out.a, out.b, out.c, attributes);
    out.scratch = desc.scratchpad_desc();
    out.run     = dnnl::matmul(desc);
    return out;
}

// Compiling a product takes milliseconds: one per shape, shared by the threads (running one is thread-safe). Shapes
// differ in m from batch to batch; past a few thousand the whole store is dropped rather than let it grow.
product product_of(const product_key & key) {
    static std::mutex                     mutex;
    static std::map<product_key, product> made;
    const std::lock_guard<std::mutex>     lock(mutex);
    const auto                            found = made.find(key);
    if (found != made.end()) {
        return found->second;
    }
    if (made.size() >= 2048) {
        made.clear();
    }
    return made.emplace(key, make_product(key)).first->second;
}

} // namespace

void onednn_bf16(bool b_transposed, int m, int n, int k, const uint16_t * a, ptrdiff_t lda, const uint16_t * b,
                 ptrdiff_t ldb, float * c, ptrdiff_t ldc, bool accumulate) {
    static thread_local dnnl::stream      stream(cpu_engine());
    static thread_local std::vector<char> scratch;
    try {
        const product cur = product_of({ b_transposed, m, n, k, lda, ldb, ldc, accumulate });
        scratch.resize(cur.scratch.get_size() + 64);
        void * aligned = (void *) (((uintptr_t) scratch.data() + 63) / 64 * 64);
        cur.run.execute(stream, { { DNNL_ARG_SRC, dnnl::memory(cur.a, cpu_engine(), (void *) a) },
                                  { DNNL_ARG_WEIGHTS, dnnl::memory(cur.b, cpu_engine(), (void *) b) },
                                  { DNNL_ARG_DST, dnnl::memory(cur.c, cpu_engine(), c) },
                                  { DNNL_ARG_SCRATCHPAD, dnnl::memory(cur.scratch, cpu_engine(), aligned) } });
        stream.wait();
    } catch (const dnnl::error & error) {
        throw worker_error("compute-failed", std::string("oneDNN refused a matrix product: ") + error.what() + ".",
                           "Set \"gemm\" to \"f32\" or \"ggml\".", EXIT_CODE_FAILED);
    }
}

#else

bool onednn_available() {
    return false;
}

bool onednn_has_tiles() {
    return false;
}

void onednn_use_one_thread() {}

void onednn_f32(bool, int, int, int, const float *, ptrdiff_t, const float *, ptrdiff_t, float *, ptrdiff_t, bool) {}

void onednn_bf16(bool, int, int, int, const uint16_t *, ptrdiff_t, const uint16_t *, ptrdiff_t, float *, ptrdiff_t,
                 bool) {}

#endif
