// The frozen weights: dequantised once at load, then multiplied in both directions from one stored copy.
#include "gemm.h"
#include "gemm-bf16.h"
#include "gemm-onednn.h"
#include "gguf-model.h"

#include <algorithm>
#include <cstdlib>

kernel_limit gemm_kernel_limit() {
    const char *      choice = getenv("KEEPSAKE_KERNEL");
    const std::string name   = choice ? choice : "";
    return name == "any" ? KERNEL_ANY : name == "avx2" ? KERNEL_AVX2 : name == "avx512" ? KERNEL_AVX512 : KERNEL_ALL;
}

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
    return (bf16_available() && gemm_kernel_limit() == KERNEL_ALL) || onednn_has_tiles();
}

size_t frozen_size(gemm_mode mode, int64_t n_out, int64_t n_in) {
    return (size_t) (n_out * n_in) * (mode == GEMM_BF16 ? sizeof(uint16_t) : sizeof(float));
}

static frozen_layout layout_of(gemm_mode mode) {
    return mode != GEMM_BF16 ? FROZEN_F32 : onednn_has_tiles() ? FROZEN_TILES : FROZEN_PANELS;
}

bool frozen_joins(gemm_mode mode) {
    return layout_of(mode) == FROZEN_PANELS;
}

// Rounds to the nearest BF16, ties to even; the weights are finite.
static void round_rows(const float * src, size_t n, uint16_t * dst) {
    for (size_t i = 0; i < n; i++) {
        dst[i] = ggml_fp32_to_bf16(src[i]).bits;
    }
}

static void init_rows(frozen_weight & weight, const std::vector<const ggml_tensor *> & parts) {
    const size_t       n_in = (size_t) weight.n_in;
    std::vector<float> row(n_in);
    weight.f32.resize(weight.layout == FROZEN_F32 ? weight.n_out * n_in : 0);
    weight.bf16.resize(weight.layout == FROZEN_TILES ? weight.n_out * n_in : 0);
    size_t at = 0;
    for (const ggml_tensor * part : parts) {
        for (int64_t i = 0; i < part->ne[1]; i++, at += n_in) {
            model_dequantise(part, i, 1, weight.layout == FROZEN_F32 ? weight.f32.data() + at : row.data());
            if (weight.layout == FROZEN_TILES) {
                round_rows(row.data(), n_in, weight.bf16.data() + at);
            }
        }
    }
}

void frozen_init(frozen_weight & weight, gemm_mode mode, const std::vector<const ggml_tensor *> & parts) {
    weight.layout = layout_of(mode);
    weight.n_in   = (int) parts.at(0)->ne[0];
    weight.n_out  = 0;
    for (const ggml_tensor * part : parts) {
        weight.n_out += (int) part->ne[1];
    }
    if (weight.layout != FROZEN_PANELS) {
        init_rows(weight, parts);
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

// BF16 rows of the input in the thread's own buffer; padded for panels.
static const uint16_t * bf16_rows(const float * x, ptrdiff_t ldx, int n_row, int n, size_t width) {
    static thread_local std::vector<uint16_t> buffer;
    buffer.resize(width * n_row);
    if (bf16_available()) {
        bf16_convert(x, ldx, n_row, n, buffer.data(), (ptrdiff_t) width);
    } else {
        for (int row = 0; row < n_row; row++) {
            round_rows(x + row * ldx, n, buffer.data() + row * width);
        }
    }
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
    const uint16_t * rows = bf16_rows(x, ldx, n_row, n_in, bf16_padded(n_in));
    bf16_forward(panels, n_out, n_in, n_row, rows, y, ldy, false, nullptr);
}

void frozen_forward(const frozen_weight & weight, int n_row, const float * x, ptrdiff_t ldx, float * y, ptrdiff_t ldy,
                    bool accumulate, const low_rank_term * term) {
    const int n_out = weight.n_out;
    const int n_in  = weight.n_in;
    if (weight.layout == FROZEN_PANELS) {
        const bf16_extra extra = term ? extra_of(*term, n_row) : bf16_extra{};
        bf16_forward(weight.bf16.data(), n_out, n_in, n_row, bf16_rows(x, ldx, n_row, n_in, bf16_padded(n_in)), y, ldy,
                     accumulate, term ? &extra : nullptr);
    } else if (weight.layout == FROZEN_TILES) {
        onednn_bf16(true, n_row, n_out, n_in, bf16_rows(x, ldx, n_row, n_in, n_in), n_in, weight.bf16.data(), n_in, y,
                    ldy, accumulate);
    } else if (onednn_available()) {
        onednn_f32(true, n_row, n_out, n_in, x, ldx, weight.f32.data(), n_in, y, ldy, accumulate);
    } else {
        gemm_f32(n_row, n_out, n_in, x, ldx, 1, weight.f32.data(), 1, n_in, y, ldy, accumulate);
    }
}

void frozen_backward(const frozen_weight & weight, int n_row, const float * dy, ptrdiff_t ldy, float * dx,
                     ptrdiff_t ldx, bool accumulate, const low_rank_term * term) {
    const int n_out = weight.n_out;
    const int n_in  = weight.n_in;
    if (weight.layout == FROZEN_PANELS) {
        const bf16_extra extra = term ? extra_of(*term, n_row) : bf16_extra{};
        bf16_backward(weight.bf16.data(), n_out, n_in, n_row, bf16_rows(dy, ldy, n_row, n_out, bf16_padded(n_out)), dx,
                      ldx, accumulate, term ? &extra : nullptr);
    } else if (weight.layout == FROZEN_TILES) {
        onednn_bf16(false, n_row, n_in, n_out, bf16_rows(dy, ldy, n_row, n_out, n_out), n_out, weight.bf16.data(), n_in,
                    dx, ldx, accumulate);
    } else if (onednn_available()) {
        onednn_f32(false, n_row, n_in, n_out, dy, ldy, weight.f32.data(), n_in, dx, ldx, accumulate);
    } else {
        gemm_f32(n_row, n_in, n_out, dy, ldy, 1, weight.f32.data(), n_in, 1, dx, ldx, accumulate);
    }
}
