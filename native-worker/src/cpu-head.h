// The LM head over supervised rows only, in chunks: loss per row and, when asked, the gradient of the hidden rows.
//
// logits = W_out h; loss = log sum exp(logits) - logits[label]; dh = W_out^T ((softmax(logits) - onehot) * w)
// or, towards the base's own distribution (its hidden rows in request.teacher, its head is the same W_out):
// loss = KL(p_base || p); dh = W_out^T ((p - p_base) * w)
#pragma once

#include "gemm.h"
#include "graph.h"

void cpu_head(const frozen_weight & head, const pass_request & request, const float * h, float * dh);
