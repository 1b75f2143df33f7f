#!/usr/bin/env python3
"""Makes native-worker/tests/fixtures/gradients-*.json: loss, dA and dB of LoRA in float64, from PyTorch's autograd.

usage: python3 scripts/reference/make-gradient-fixture.py --generator native-worker/build/release/make-tiny-model

The forward pass below is written from the papers' equations, apart from the worker's code, and sees the same
F32 weights: the native test builds the same tiny model from the same seed and compares the worker's gradients.
The adapter has a non-zero B, so that every term of dA is there. Needs torch, numpy and gguf (requirements.txt).
"""

import argparse
import json
import math
import pathlib
import subprocess
import tempfile

import numpy as np
import torch
from gguf import GGUFReader

MODULES = ["attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"]
SHAPE = {"embd": 32, "layers": 2, "heads": 4, "kv-heads": 2, "ff": 64}
# What the native test's options are called; a fixture names those that differ from the defaults.
FAMILIES = {
    # qwen2 has an own head and biases, llama the slowed rotations of Llama 3, qwen3 norms per head.
    "llama": {"arch": "llama", "seed": 101, "tied": True, "rope_factors": True},
    "qwen2": {"arch": "qwen2", "seed": 102, "tied": False, "rope_factors": False},
    "qwen3": {"arch": "qwen3", "seed": 103, "tied": True, "rope_factors": False},
    # One layer each: YaRN, a bias on every linear, heads wider than the model, three of them to a key; and positions
    # stretched in qwen3.
    "llama-yarn": {
        "arch": "llama", "seed": 104, "tied": False, "rope_factors": False, "biases": True, "layers": 1, "heads": 3,
        "kv-heads": 1, "head-dim": 16, "rope-scaling": "yarn", "rope-factor": 4.0, "rope-attn-factor": 1.25,
        "rope-original-context": 256,
    },
    "qwen3-linear": {
        "arch": "qwen3", "seed": 105, "tied": True, "rope_factors": False, "biases": True, "layers": 1, "heads": 4,
        "kv-heads": 4, "rope-scaling": "linear", "rope-factor": 2.0,
    },
    # The second sequence is held to the base's own distribution: the loss is KL(base || tuned) there.
    "llama-kl": {"arch": "llama", "seed": 104, "tied": True, "rope_factors": False, "kl": True},
    "qwen2-kl": {"arch": "qwen2", "seed": 105, "tied": False, "rope_factors": False, "kl": True},
    "qwen3-kl": {"arch": "qwen3", "seed": 106, "tied": True, "rope_factors": False, "kl": True},
}
FLAGS = {"tied", "rope_factors", "biases", "kl"}
RANK, ALPHA = 4, 12.0


def read_model(path):
    """Hyper-parameters and float64 weights of an F32 GGUF file; a matrix is [n_out, n_in]."""
    reader = GGUFReader(path)
    weights = {}
    for tensor in reader.tensors:
        shape = [int(n) for n in reversed(tensor.shape)]
        weights[tensor.name] = torch.tensor(np.array(tensor.data, dtype=np.float64)).reshape(shape)
    fields = {name: field.contents() for name, field in reader.fields.items() if not name.startswith("tokenizer.")}
    return fields, weights


def rms_norm(x, weight, epsilon):
    return x / torch.sqrt((x * x).mean(-1, keepdim=True) + epsilon) * weight


def rotation_of(get, head_dim, base):
    """Angle per position of every pair, and the size that the rotated vectors get.

    "linear" divides all angles by the factor. YaRN (arXiv 2309.00071) does so only for pairs that turn less than once
    within the original context, leaves those alone that turn more than 32 times, goes over between them pair by pair,
    and enlarges q and k by 0.1 ln(factor) + 1 each.
    """
    half = head_dim // 2
    frequency = base ** (-torch.arange(half, dtype=torch.float64) * 2 / head_dim)
    kind, factor = get("rope.scaling.type", "none"), get("rope.scaling.factor", 1.0)
    size = get("rope.scaling.attn_factor", 1.0)
    if kind == "linear":
        return frequency / factor, size
    if kind != "yarn":
        return frequency, size
    context = get("rope.scaling.original_context_length")
    pair_of = lambda turns: head_dim * math.log(context / (turns * 2 * math.pi)) / (2 * math.log(base))
    low, high = max(0, math.floor(pair_of(32))), min(head_dim - 1, math.ceil(pair_of(1)))
    ramp = ((torch.arange(half, dtype=torch.float64) - low) / max(0.001, high - low)).clamp(0, 1)
    return frequency / factor * ramp + frequency * (1 - ramp), size * (0.1 * math.log(factor) + 1)


def rotate(x, rotation, factors, interleaved):
    """Rotary position embedding over x [T, heads, head_dim]; pairs are (2i, 2i+1) or (i, i + head_dim/2)."""
    n_tokens, _, head_dim = x.shape
    half = head_dim // 2
    frequency, size = rotation[0] / factors, rotation[1]
    angle = torch.arange(n_tokens, dtype=torch.float64)[:, None, None] * frequency
    if interleaved:
        first, second = x[..., 0::2], x[..., 1::2]
    else:
        first, second = x[..., :half], x[..., half:]
    one = (first * angle.cos() - second * angle.sin()) * size
    two = (first * angle.sin() + second * angle.cos()) * size
    if interleaved:
        return torch.stack([one, two], -1).flatten(-2)
    return torch.cat([one, two], -1)


class Model:
    def __init__(self, fields, weights, adapter):
        self.adapted = True
        self.arch = fields["general.architecture"]
        get = lambda key, default=None: fields.get(f"{self.arch}.{key}", default)
        self.n_layer = get("block_count")
        self.n_head = get("attention.head_count")
        self.n_head_kv = get("attention.head_count_kv")
        self.head_dim = get("attention.key_length", get("embedding_length") // self.n_head)
        self.epsilon = get("attention.layer_norm_rms_epsilon")
        self.rotation = rotation_of(get, self.head_dim, get("rope.freq_base"))
        self.weights = weights
        self.adapter = adapter

    def linear(self, name, x):
        y = x @ self.weights[f"{name}.weight"].T
        if f"{name}.bias" in self.weights:
            y = y + self.weights[f"{name}.bias"]
        if not self.adapted:
            return y
        a, b = self.adapter[f"{name}.weight"]
        return y + (ALPHA / RANK) * (x @ a.T) @ b.T

    def attention(self, block, x):
        n_tokens = x.shape[0]
        q = self.linear(f"{block}.attn_q", x).view(n_tokens, self.n_head, self.head_dim)
        k = self.linear(f"{block}.attn_k", x).view(n_tokens, self.n_head_kv, self.head_dim)
        v = self.linear(f"{block}.attn_v", x).view(n_tokens, self.n_head_kv, self.head_dim)
        if f"{block}.attn_q_norm.weight" in self.weights:
            q = rms_norm(q, self.weights[f"{block}.attn_q_norm.weight"], self.epsilon)
            k = rms_norm(k, self.weights[f"{block}.attn_k_norm.weight"], self.epsilon)
        factors = self.weights.get("rope_freqs.weight", torch.ones(self.head_dim // 2, dtype=torch.float64))
        q = rotate(q, self.rotation, factors, self.arch == "llama")
        k = rotate(k, self.rotation, factors, self.arch == "llama")
        group = self.n_head // self.n_head_kv
        heads = []
        for head in range(self.n_head):
            scores = q[:, head] @ k[:, head // group].T / math.sqrt(self.head_dim)
            scores = scores.masked_fill(torch.ones(n_tokens, n_tokens).triu(1).bool(), -math.inf)
            heads.append(scores.softmax(-1) @ v[:, head // group])
        return self.linear(f"{block}.attn_output", torch.cat(heads, -1))

    def feed_forward(self, block, x):
        gate = self.linear(f"{block}.ffn_gate", x)
        return self.linear(f"{block}.ffn_down", gate * torch.sigmoid(gate) * self.linear(f"{block}.ffn_up", x))

    def logits(self, tokens):
        w = self.weights
        x = w["token_embd.weight"][tokens]
        for layer in range(self.n_layer):
            block = f"blk.{layer}"
            x = x + self.attention(block, rms_norm(x, w[f"{block}.attn_norm.weight"], self.epsilon))
            x = x + self.feed_forward(block, rms_norm(x, w[f"{block}.ffn_norm.weight"], self.epsilon))
        x = rms_norm(x, w["output_norm.weight"], self.epsilon)
        return x @ w.get("output.weight", w["token_embd.weight"]).T


def divergence(model, tokens, log_probability):
    """KL(base || tuned) at each position; the base is the same model without its adapter."""
    model.adapted = False
    with torch.no_grad():
        base = model.logits(tokens)[:-1].log_softmax(-1)
    model.adapted = True
    return (base.exp() * (base - log_probability)).sum(-1)


def batch_loss(model, sequences):
    """sum(w * loss) / sum(w); weight i belongs to the prediction of token i from the tokens before it."""
    total, weight_sum = torch.zeros((), dtype=torch.float64), 0.0
    for sequence in sequences:
        tokens = torch.tensor(sequence["tokens"])
        weights = torch.tensor(sequence["weights"], dtype=torch.float64)
        log_probability = model.logits(tokens)[:-1].log_softmax(-1)
        if sequence.get("loss") == "kl":
            loss = divergence(model, tokens, log_probability)
        else:
            loss = -log_probability.gather(1, tokens[1:, None])[:, 0]
        total = total + (weights[1:] * loss).sum()
        weight_sum += float(weights[1:].sum())
    return total / weight_sum


def make_sequences(random):
    """Two lengths; some tokens carry no weight, some half, one double."""
    sequences = []
    for length in (11, 17):
        tokens = random.integers(0, 259, length).tolist()
        weights = random.choice([0.0, 0.5, 1.0, 2.0], length, p=[0.4, 0.2, 0.3, 0.1]).tolist()
        weights[0] = 0.0
        weights[-1] = 1.0
        sequences.append({"tokens": tokens, "weights": weights})
    return sequences


def numbers(values, digits):
    return [float(f"{value:.{digits}g}") for value in values]


def make_fixture(generator, family, options):
    command = {"type": "f32", **SHAPE, **{name: value for name, value in options.items() if name not in FLAGS}}
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/model.gguf"
        arguments = [generator, "--output", path]
        for name, value in command.items():
            arguments += [f"--{name}", str(value)]
        arguments += ([] if options["tied"] else ["--untied"]) + (["--rope-factors"] if options["rope_factors"] else [])
        arguments += ["--biases"] if options.get("biases") else []
        subprocess.run(arguments, check=True)
        fields, weights = read_model(path)

    random = np.random.default_rng(options["seed"])
    adapter = {}
    for layer in range(command["layers"]):
        for module in MODULES:
            name = f"blk.{layer}.{module}.weight"
            n_out, n_in = weights[name].shape
            # Three decimals: the text in the fixture is then the exact value on both sides.
            a = np.round(random.normal(0, 1 / math.sqrt(n_in), (RANK, n_in)), 3).astype(np.float32)
            b = np.round(random.normal(0, 0.1, (n_out, RANK)), 3).astype(np.float32)
            adapter[name] = tuple(torch.tensor(m.astype(np.float64), requires_grad=True) for m in (a, b))
    sequences = make_sequences(random)
    if options.get("kl"):
        sequences[1]["loss"] = "kl"
    loss = batch_loss(Model(fields, weights, adapter), sequences)
    loss.backward()

    checksum = sum(float(tensor.abs().sum()) for tensor in weights.values())
    return {
        "schema": 1,
        "model": {**command, **{name: value for name, value in options.items() if name in FLAGS - {"kl"}}},
        "weight_checksum": checksum,
        "rank": RANK,
        "alpha": ALPHA,
        "sequences": sequences,
        "loss": float(loss.detach()),
        "adapter": {
            name: {
                "a": numbers(a.detach().flatten(), 4), "b": numbers(b.detach().flatten(), 4),
                "da": numbers(a.grad.flatten(), 7), "db": numbers(b.grad.flatten(), 7),
            }
            for name, (a, b) in adapter.items()
        },
    }


def write_json(path, fixture):
    """One line per array, so that a change of the fixture can be read in a diff."""
    adapter = fixture.pop("adapter")
    lines = [f"  {json.dumps(key)}: {json.dumps(value)}," for key, value in fixture.items()]
    lines.append('  "adapter": {')
    for index, (name, arrays) in enumerate(adapter.items()):
        body = ",\n".join(f'      {json.dumps(key)}: {json.dumps(value, separators=(",", ":"))}' for key, value in arrays.items())
        lines.append(f'    {json.dumps(name)}: {{\n{body}\n    }}' + ("," if index + 1 < len(adapter) else ""))
    path.write_text("{\n" + "\n".join(lines) + "\n  }\n}\n")


def main():
    root = pathlib.Path(__file__).resolve().parents[2]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--generator", required=True, help="the make-tiny-model program")
    parser.add_argument("--output", default=root / "native-worker/tests/fixtures", type=pathlib.Path)
    parser.add_argument("--only", nargs="*", default=list(FAMILIES), choices=list(FAMILIES), help="which fixtures")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    arguments.output.mkdir(parents=True, exist_ok=True)
    for family in arguments.only:
        fixture = make_fixture(arguments.generator, family, FAMILIES[family])
        path = arguments.output / f"gradients-{family}.json"
        print(f"{path}: loss {fixture['loss']:.6f}")
        write_json(path, fixture)


if __name__ == "__main__":
    main()
