#!/usr/bin/env python3
"""Writes GGUF base models of real shapes with random weights, for speed, memory and parity (never for recall).

usage: python3 make-model.py --shape tiny-llama|tiny-qwen2|tiny-qwen3|1b|7b --output FILE
                             [--type q4_0|q8_0|f32] [--layers N] [--seed N]

The blocks of the quantised types are drawn as bytes, at the speed of the disk: uniform values under one scale, whose
deviation is that of an initialised model. There is no tokenizer: the worker is handed token ids.
"""

import argparse
import struct

import numpy as np

SHAPES = {
    #              architecture, layers, width, inside, heads, kv, head width, vocabulary, biases, tied
    "tiny-llama": ("llama", 2, 256, 512, 4, 2, 64, 512, False, True),
    "tiny-qwen2": ("qwen2", 2, 256, 512, 4, 2, 64, 512, True, True),
    "tiny-qwen3": ("qwen3", 2, 256, 512, 4, 2, 128, 512, False, True),
    "1b": ("llama", 16, 2048, 8192, 32, 8, 64, 128256, False, True),
    "7b": ("qwen2", 28, 3584, 18944, 28, 4, 128, 152064, True, False),
}
TYPES = {"f32": (0, 1, 4, 0), "q4_0": (2, 32, 18, 2), "q8_0": (8, 32, 34, 7)}  # ggml type, block, bytes, file type
ALIGNMENT = 32
F32 = "f32"


class Random:
    """One buffer of random bytes, read from ever new places: no two tensors begin alike."""

    def __init__(self, seed):
        self.source = np.random.default_rng(seed)
        self.bytes = self.source.integers(0, 256, 64 << 20, dtype=np.uint8)

    def take(self, n):
        at = int(self.source.integers(0, self.bytes.size // 2))
        parts = []
        while n > 0:
            part = self.bytes[at : at + n]
            parts.append(part)
            n -= part.size
            at = int(self.source.integers(0, self.bytes.size // 4))
        return parts[0] if len(parts) == 1 else np.concatenate(parts)


def tensor_list(shape, layers):
    arch, n_layer, width, inside, heads, kv, head, vocab, biases, tied = SHAPES[shape]
    q, k = heads * head, kv * head
    tensors = [("token_embd.weight", (width, vocab), 0.5 if not tied else 1.6 / width**0.5)]
    if not tied:
        tensors.append(("output.weight", (width, vocab), 1.6 / width**0.5))
    tensors.append(("output_norm.weight", (width,), None))
    for il in range(layers or n_layer):
        name = f"blk.{il}."
        tensors += [(name + "attn_norm.weight", (width,), None), (name + "ffn_norm.weight", (width,), None)]
        for part, n_in, n_out, gain in (
            ("attn_q", width, q, 1.2), ("attn_k", width, k, 1.2), ("attn_v", width, k, 1.0),
            ("attn_output", q, width, 0.5), ("ffn_gate", width, inside, 1.0), ("ffn_up", width, inside, 1.0),
            ("ffn_down", inside, width, 0.7),
        ):
            tensors.append((f"{name}{part}.weight", (n_in, n_out), gain / n_in**0.5))
        if biases:
            tensors += [(f"{name}attn_{x}.bias", (n,), 0.1) for x, n in (("q", q), ("k", k), ("v", k))]
        if arch == "qwen3":
            tensors += [(f"{name}attn_{x}_norm.weight", (head,), None) for x in ("q", "k")]
    return tensors


def text(value):
    data = value.encode()
    return struct.pack("<Q", len(data)) + data


def key_values(shape, layers, file_type):
    arch, n_layer, width, inside, heads, kv, head, vocab, _, _ = SHAPES[shape]
    pairs = [("general.architecture", arch), ("general.type", "model"), ("general.name", f"Random {shape}"),
             ("general.file_type", file_type)]
    numbers = {"block_count": layers or n_layer, "context_length": 4096, "embedding_length": width,
               "feed_forward_length": inside, "attention.head_count": heads, "attention.head_count_kv": kv,
               "vocab_size": vocab, "attention.layer_norm_rms_epsilon": 1e-5, "rope.freq_base": 10000.0}
    if arch == "qwen3":
        numbers |= {"attention.key_length": head, "attention.value_length": head}
    pairs += [(f"{arch}.{key}", value) for key, value in numbers.items()]
    out = b""
    for key, value in pairs:
        out += text(key)
        if isinstance(value, str):
            out += struct.pack("<I", 8) + text(value)
        elif isinstance(value, float):
            out += struct.pack("<If", 6, value)
        else:
            out += struct.pack("<II", 4, value)
    return len(pairs), out


def type_of(dims, spread, chosen):
    return F32 if spread is None or len(dims) == 1 else chosen


def size_of(dims, kind):
    _, block, size, _ = TYPES[kind]
    return int(np.prod(dims)) // block * size


def draw_rows(random, dims, spread, kind, rows):
    """The bytes of some rows of a tensor."""
    n = dims[0] * rows
    if spread is None:
        return np.ones(n, np.float32).tobytes()
    if kind == F32:
        values = random.take(4 * n).view(np.uint32) if n % 2 == 0 else random.take(4 * n + 4)[: 4 * n].copy().view(np.uint32)
        return ((values.astype(np.float32) / 2**31 - 1) * (spread * 3**0.5)).astype(np.float32).tobytes()
    _, block, size, _ = TYPES[kind]
    blocks = random.take(n // block * size).reshape(-1, size).copy()
    deviation = 4.61 if kind == "q4_0" else 73.9  # of uniform -8..7 and of uniform -128..127
    blocks[:, :2] = np.frombuffer(np.float16(spread / deviation).tobytes(), np.uint8)
    return blocks.tobytes()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shape", choices=SHAPES, required=True)
    parser.add_argument("--type", choices=TYPES, default="q4_0")
    parser.add_argument("--layers", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--output", required=True)
    args = parser.parse_args()
    random = Random(args.seed)
    tensors = tensor_list(args.shape, args.layers)
    n_pair, pairs = key_values(args.shape, args.layers, TYPES[args.type][3])
    header = struct.pack("<4sIQQ", b"GGUF", 3, len(tensors), n_pair) + pairs
    offset = 0
    for name, dims, spread in tensors:
        kind = type_of(dims, spread, args.type)
        header += text(name) + struct.pack("<I", len(dims)) + struct.pack(f"<{len(dims)}Q", *dims)
        header += struct.pack("<IQ", TYPES[kind][0], offset)
        offset += -(-size_of(dims, kind) // ALIGNMENT) * ALIGNMENT
    with open(args.output, "wb") as file:
        file.write(header + b"\0" * (-len(header) % ALIGNMENT))
        for name, dims, spread in tensors:
            kind = type_of(dims, spread, args.type)
            rows = dims[1] if len(dims) > 1 else 1
            step = max(1, (16 << 20) // max(1, size_of((dims[0], 1), kind)))
            for first in range(0, rows, step):
                file.write(draw_rows(random, dims, spread, kind, min(step, rows - first)))
            file.write(b"\0" * (-size_of(dims, kind) % ALIGNMENT))


if __name__ == "__main__":
    main()
