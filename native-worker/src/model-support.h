// Which models can be trained: read from the header alone, before any tensor is touched.
//
// The measure is libllama's own loader and graph at the pinned release: what it computes otherwise than this worker, or
// would not load, is refused by name, since the adapter is served there.
#pragma once

#include "gguf-model.h"

// unusual: a sentence, where the layers differ in a way that hparams cannot hold. Throws model-corrupt.
void read_hparams(const gguf_context * gguf, model_hparams & hparams, std::string & unusual);

// Throws model-unsupported with the reason, or model-corrupt where the numbers contradict each other.
void check_supported(const gguf_context * gguf, const model_hparams & hparams, const std::string & unusual);
