// The frozen weights: dequantised once at load, then multiplied in both directions from one stored copy.
#include "gemm.h"
#include "gemm-bf16.h"
#include "gguf-model.h"

#include <algorithm>

gemm_mode gemm_mode_from_name(const std::string & name) {
    if (name == "ggml") {
        return GEMM_GGML;
    }
    if (name == "f32") {
        return GEMM_F32;
    }
    return gemm_has_bf16() ? GEMM_BF16 : GEMM_F32;
}

const char * gemm_mode_name(gemm_mode mode) {
    return mode == GEMM_GGML ? "ggml" : mode == GEMM_F32 ? "f32" : "bf16";
}

bool gemm_has_bf16() {
    return bf16_available();
}

size_t frozen_size(gemm_mode mode, int64_t n_out, int64_t n_in) {
    return (size_t) (n_out * n_in) * (mode == GEMM_BF16 ? sizeof(uint16_t) : sizeof(float));
}

void frozen_init(frozen_weight & weight, gemm_mode mode, const std::vector<const ggml_tensor *> & parts) {
    weight.mode  = mode;
    weight.n_in  = (int) parts.at(0)->ne[0];
    weight.n_out = 0;
    for (const ggml_tensor * part : parts) {
        weight.n_out += (int) part->ne[1];
    }
    if (mode != GEMM_BF16) {
        weight.f32.resize((size_t) weight.n_out * weight.n_in);
        float * dst = weight.f32.data();
        for (const ggml_tensor * part : parts) {
            model_dequantise(part, 0, part->ne[1], dst);
            dst += part->ne[1] * part->ne[0];
        }
        return;
    }
    // 32 rows at a time: a whole F32 copy of a large head would cost more than the packed one.
    const size_t       panel = bf16_padded(weight.n_in) * 32;
    std::vector<float> rows((size_t) 32 * weight.n_in);
    weight.bf16.resize(bf16_padded(weight.n_out) / 32 * panel);
    int n_row = 0; // rows waiting
    int at    = 0; // panels written
    for (const ggml_tensor * part : parts) {
        for (int64_t row = 0; row < part->ne[1];) {
            const int64_t n = std::min<int64_t>(32 - n_row, part->ne[1] - row);
            model_dequantise(part, row, n, rows.data() + (size_t) n_row * weight.n_in);
            row += n;
            n_row += (int) n;
            if (n_row == 32) {
                bf16_pack(rows.data(), weight.n_in, 1, n_row, weight.n_in, (int) bf16_padded(weight.n_in),
                          weight.bf16.data() + panel * at++);
                n_row = 0;
            }
        }
    }
    if (n_row > 0) {
        bf16_pack(rows.data(), weight.n_in, 1, n_row, weight.n_in, (int) bf16_padded(weight.n_in),
                  weight.bf16.data() + panel * at);
    }
}

// BF16 rows of the input, padded; the buffer is the thread's own.
static const uint16_t * bf16_rows(const float * x, ptrdiff_t ldx, int n_row, int n) {
    static thread_local std::vector<uint16_t> buffer;
    const size_t                              padded = bf16_padded(n);
    buffer.resize(padded * n_row);
    bf16_convert(x, ldx, n_row, n, buffer.data(), (ptrdiff_t) padded);
    return buffer.data();
}

// The term's left factor in BF16, scaled.
static bf16_extra extra_of(const low_rank_term & term, int n_row) {
    static thread_local std::vector<float>    scaled;
    static thread_local std::vector<uint16_t> buffer;
    const size_t                              n = (size_t) n_row * term.n_t;
    scaled.resize(n);
    buffer.resize(n);
    for (size_t i = 0; i < n; i++) {
        scaled[i] = term.scale * term.t[i];
    }
    bf16_convert(scaled.data(), 0, 1, (int) n, buffer.data(), (ptrdiff_t) n);
    return { buffer.data(), term.n_t, term.panels, term.column, term.k };
}

void packed_forward(const uint16_t * panels, int n_out, int n_in, int n_row, const float * x, ptrdiff_t ldx, float * y,
                    ptrdiff_t ldy) {
    bf16_forward(panels, n_out, n_in, n_row, bf16_rows(x, ldx, n_row, n_in), y, ldy, false, nullptr);
}

void frozen_forward(const frozen_weight & weight, int n_row, const float * x, ptrdiff_t ldx, float * y, ptrdiff_t ldy,
                    bool accumulate, const low_rank_term * term) {
    if (weight.mode == GEMM_BF16) {
        const bf16_extra extra = term ? extra_of(*term, n_row) : bf16_extra{};
        bf16_forward(weight.bf16.data(), weight.n_out, weight.n_in, n_row, bf16_rows(x, ldx, n_row, weight.n_in), y, ldy,
                     accumulate, term ? &extra : nullptr);
        return;
    }
    gemm_f32(n_row, weight.n_out, weight.n_in, x, ldx, 1, weight.f32.data(), 1, weight.n_in, y, ldy, accumulate);
}

void frozen_backward(const frozen_weight & weight, int n_row, const float * dy, ptrdiff_t ldy, float * dx,
                     ptrdiff_t ldx, bool accumulate, const low_rank_term * term) {
    if (weight.mode == GEMM_BF16) {
        const bf16_extra extra = term ? extra_of(*term, n_row) : bf16_extra{};
        bf16_backward(weight.bf16.data(), weight.n_out, weight.n_in, n_row, bf16_rows(dy, ldy, n_row, weight.n_out), dx,
                      ldx, accumulate, term ? &extra : nullptr);
        return;
    }
    gemm_f32(n_row, weight.n_in, weight.n_out, dy, ldy, 1, weight.f32.data(), weight.n_in, 1, dx, ldx, accumulate);
}
