#include "graph.h"

namespace {

// What the backward of a layer needs from its forward. The normed inputs and the activation are cheap and are made
// again: a third less to keep for about 2 % more time.
struct kept_layer {
    ggml_tensor * x              = nullptr; // input of the layer
    ggml_tensor * y              = nullptr; // q|k|v before rope; only kept where q and k are normed
    ggml_tensor * qkv            = nullptr;
    ggml_tensor * att            = nullptr;
    ggml_tensor * x2             = nullptr; // after the attention's residual
    ggml_tensor * gu             = nullptr;
    ggml_tensor * t[GROUP_COUNT] = {};
};

ggml_tensor * layer_forward(layer_ops & ops, const model_layer & layer, int il, ggml_tensor * x, kept_layer & keep) {
    ggml_tensor * h1      = ops.norm(x, layer.attn_norm);
    keep.x                = x;
    keep.t[GROUP_QKV]     = ops.lora_down(il, GROUP_QKV, h1);
    keep.y                = ops.linear(il, GROUP_QKV, h1, keep.t[GROUP_QKV], nullptr);
    keep.qkv              = ops.rope(il, keep.y);
    keep.att              = ops.attention(keep.qkv);
    keep.t[GROUP_OUTPUT]  = ops.lora_down(il, GROUP_OUTPUT, keep.att);
    keep.x2               = ops.linear(il, GROUP_OUTPUT, keep.att, keep.t[GROUP_OUTPUT], x);
    ggml_tensor * h2      = ops.norm(keep.x2, layer.ffn_norm);
    keep.t[GROUP_GATE_UP] = ops.lora_down(il, GROUP_GATE_UP, h2);
    keep.gu               = ops.linear(il, GROUP_GATE_UP, h2, keep.t[GROUP_GATE_UP], nullptr);
    ggml_tensor * act     = ops.swiglu(keep.gu);
    keep.t[GROUP_DOWN]    = ops.lora_down(il, GROUP_DOWN, act);
    return ops.linear(il, GROUP_DOWN, act, keep.t[GROUP_DOWN], keep.x2);
}

// Gradients of one group's A and B, and the gradient of its input where somebody below needs it.
ggml_tensor * group_backward(layer_ops & ops, int il, int kind, ggml_tensor * h, ggml_tensor * t, ggml_tensor * dy,
                             bool need_dx) {
    ggml_tensor * dt = ops.lora_down_back(il, kind, dy);
    if (dt) {
        ops.lora_grads(il, kind, h, t, dy, dt);
    }
    return need_dx ? ops.linear_back(il, kind, dy, dt) : nullptr;
}

ggml_tensor * layer_backward(layer_ops & ops, const model_layer & layer, int il, ggml_tensor * dx,
                             const kept_layer & keep, bool need_dx) {
    ggml_tensor * act  = ops.swiglu(keep.gu);
    ggml_tensor * dact = group_backward(ops, il, GROUP_DOWN, act, keep.t[GROUP_DOWN], dx, true);
    ggml_tensor * dgu  = ops.swiglu_back(dact, keep.gu);
    ggml_tensor * h2   = ops.norm(keep.x2, layer.ffn_norm);
    ggml_tensor * dh2  = group_backward(ops, il, GROUP_GATE_UP, h2, keep.t[GROUP_GATE_UP], dgu, true);
    ggml_tensor * dx2  = ops.norm_back(dh2, keep.x2, layer.ffn_norm, dx);
    ggml_tensor * datt = group_backward(ops, il, GROUP_OUTPUT, keep.att, keep.t[GROUP_OUTPUT], dx2, true);
    ggml_tensor * dqkv = ops.attention_back(datt, keep.qkv);
    ggml_tensor * dy   = ops.rope_back(il, dqkv, keep.y);
    ggml_tensor * h1   = ops.norm(keep.x, layer.attn_norm);
    ggml_tensor * dh1  = group_backward(ops, il, GROUP_QKV, h1, keep.t[GROUP_QKV], dy, need_dx);
    return need_dx ? ops.norm_back(dh1, keep.x, layer.attn_norm, dx2) : nullptr;
}

} // namespace

void graph_build(layer_ops & ops, ggml_cgraph * graph, const model & base, bool backward) {
    const int               n_layer = base.hparams.n_layer;
    std::vector<kept_layer> kept(n_layer);
    ggml_tensor *           cur = ops.embed();
    for (int il = 0; il < n_layer; il++) {
        cur = layer_forward(ops, base.layers[il], il, cur, kept[il]);
    }
    ggml_tensor * last   = ops.gather(cur);
    ggml_tensor * hidden = ops.norm(last, base.output_norm);
    ggml_tensor * dh     = ops.head(hidden);
    ggml_build_forward_expand(graph, dh);
    if (!backward) {
        return;
    }
    cur = ops.scatter(ops.norm_back(dh, last, base.output_norm, nullptr));
    for (int il = n_layer - 1; il >= 0; il--) {
        cur = layer_backward(ops, base.layers[il], il, cur, kept[il], il > 0);
        if (cur) {
            ggml_build_forward_expand(graph, cur);
        }
    }
}
