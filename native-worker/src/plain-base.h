// What the files of the portable path share: the graph's inputs, a few helpers, the head with its losses.
#pragma once

#include "plain-ops.h"

// The head's results for some rows; every tensor has one value a row.
struct plain_losses {
    int           first    = 0;
    int           n        = 0;
    ggml_tensor * labels   = nullptr; // input, I32
    ggml_tensor * at_label = nullptr; // the label's logit
    ggml_tensor * argmax   = nullptr; // I32
    ggml_tensor * top      = nullptr; // the largest logit
    ggml_tensor * p_top    = nullptr; // and its probability: log(sum(exp)) = top - log(p_top)
    // Of the base, where rows have the loss KL:
    ggml_tensor * base_top   = nullptr;
    ggml_tensor * base_p_top = nullptr;
    ggml_tensor * apart      = nullptr; // sum(p_base (logit_base - logit))
    ggml_tensor * logits     = nullptr; // [n_vocab, n]; kept only where somebody asks for them
};

struct plain_base : layer_ops {
    plain_context c;
    int           n_seq;
    int           n_len;
    int           n_token;
    int           n_row;
    // Inputs; filled by upload().
    ggml_tensor * tokens    = nullptr;
    ggml_tensor * positions = nullptr;
    ggml_tensor * mask      = nullptr; // [n_len, n_len], -inf above the diagonal
    ggml_tensor * rows      = nullptr;
    ggml_tensor * weights   = nullptr; // [1, n_row]
    // Inputs of a batch that has rows with loss KL; each has a place for every row, 0 where it does not apply.
    ggml_tensor *             teacher  = nullptr; // [d, n_row]
    ggml_tensor *             by_kl    = nullptr; // [1, n_row], 1 or 0
    ggml_tensor *             by_label = nullptr; // [1, n_row], weight of the row or 0
    ggml_tensor *             hidden   = nullptr; // result of a pass that ends before the head
    std::vector<plain_losses> losses;
    struct grad_result {
        ggml_tensor * tensor;
        size_t        offset;
    };
    std::vector<grad_result> grads;

    explicit plain_base(const plain_context & context);

    const model_hparams & hp() const { return c.base->hparams; }

    ggml_tensor * input(ggml_type type, int64_t ne0, int64_t ne1);
    ggml_tensor * output(ggml_tensor * cur);
    ggml_tensor * transposed(ggml_tensor * x) { return ggml_cont(c.ctx, ggml_transpose(c.ctx, x)); }
    // Rows [first, first + n) of every column.
    ggml_tensor * rows_of(ggml_tensor * x, int64_t first, int64_t n);
    // Columns [first, first + n).
    ggml_tensor * columns_of(ggml_tensor * x, int64_t first, int64_t n);
    // W^T dy: by the transposed copy, or block by block from rows of W that are dequantised for it.
    ggml_tensor * weight_back(ggml_tensor * weight, ggml_tensor * dy);
    ggml_tensor * pick(ggml_tensor * x, ggml_tensor * index);

    ggml_tensor * head_rows(ggml_tensor * h, int first, int n);
    ggml_tensor * head(ggml_tensor * h) override;
    void          upload() override;
    void          upload_teacher(const micro_batch & batch);
    void          download() override;
    void          download_losses(const plain_losses & part);
};
