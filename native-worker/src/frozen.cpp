// The frozen weights: dequantised once at load, then multiplied in both directions from one stored copy.
#include "gemm.h"
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
    return false;
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
    weight.f32.resize((size_t) weight.n_out * weight.n_in);
    float * dst = weight.f32.data();
    for (const ggml_tensor * part : parts) {
        model_dequantise(part, 0, part->ne[1], dst);
        dst += part->ne[1] * part->ne[0];
    }
}

void frozen_forward(const frozen_weight & weight, int n_row, const float * x, ptrdiff_t ldx, float * y, ptrdiff_t ldy,
                    bool accumulate) {
    gemm_f32(n_row, weight.n_out, weight.n_in, x, ldx, 1, weight.f32.data(), 1, weight.n_in, y, ldy, accumulate);
}

void frozen_backward(const frozen_weight & weight, int n_row, const float * dy, ptrdiff_t ldy, float * dx,
                     ptrdiff_t ldx, bool accumulate) {
    gemm_f32(n_row, weight.n_in, weight.n_out, dy, ldy, 1, weight.f32.data(), weight.n_in, 1, dx, ldx, accumulate);
}
