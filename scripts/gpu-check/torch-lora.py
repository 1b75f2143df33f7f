#!/usr/bin/env python3
"""The other side of the measurement: LoRA on all linears of a random-weight model of the same shape, in PyTorch.

usage: python3 torch-lora.py --shape 7b --batch 4 --length 512 --steps 20 [--rank 16] [--layers N] [--device cuda]

With transformers and peft installed these do it ("peft"); else plain modules of the same arithmetic, scaled-dot-product
attention and fused AdamW ("torch"). BF16 weights, gradient checkpointing only where memory asks for it. One JSON line.
"""

import argparse
import json
import time

import torch
import torch.nn.functional as F

SHAPES = {  # layers, width, inside, heads, kv, head width, vocabulary
    "tiny-llama": (2, 256, 512, 4, 2, 64, 512), "tiny-qwen2": (2, 256, 512, 4, 2, 64, 512),
    "tiny-qwen3": (2, 256, 512, 4, 2, 128, 512), "1b": (16, 2048, 8192, 32, 8, 64, 128256),
    "7b": (28, 3584, 18944, 28, 4, 128, 152064),
}


class Lora(torch.nn.Module):
    def __init__(self, n_in, n_out, rank, device, dtype):
        super().__init__()
        weight = torch.empty(n_out, n_in, device=device, dtype=dtype).normal_(0, n_in**-0.5)
        self.register_buffer("weight", weight, persistent=False)
        self.a = torch.nn.Parameter(torch.empty(rank, n_in, device=device).uniform_(-(n_in**-0.5), n_in**-0.5))
        self.b = torch.nn.Parameter(torch.zeros(n_out, rank, device=device))

    def forward(self, x):
        return F.linear(x, self.weight) + 2.0 * F.linear(F.linear(x, self.a.to(x.dtype)), self.b.to(x.dtype))


class Block(torch.nn.Module):
    def __init__(self, shape, rank, device, dtype):
        super().__init__()
        _, width, inside, self.heads, self.kv, self.head, _ = shape
        make = lambda n_in, n_out: Lora(n_in, n_out, rank, device, dtype)
        self.q, self.k, self.v = make(width, self.heads * self.head), make(width, self.kv * self.head), make(width, self.kv * self.head)
        self.o = make(self.heads * self.head, width)
        self.gate, self.up, self.down = make(width, inside), make(width, inside), make(inside, width)

    def forward(self, x, cos, sin):
        batch, length, _ = x.shape
        h = F.rms_norm(x, x.shape[-1:])
        split = lambda y, n: y.view(batch, length, n, self.head).transpose(1, 2)
        turn = lambda y: y * cos + torch.cat((-y[..., self.head // 2 :], y[..., : self.head // 2]), -1) * sin
        q, k, v = turn(split(self.q(h), self.heads)), turn(split(self.k(h), self.kv)), split(self.v(h), self.kv)
        k, v = (y.repeat_interleave(self.heads // self.kv, 1) for y in (k, v))
        att = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.o(att.transpose(1, 2).reshape(batch, length, -1))
        h = F.rms_norm(x, x.shape[-1:])
        return x + self.down(F.silu(self.gate(h)) * self.up(h))


class Plain(torch.nn.Module):
    def __init__(self, shape, rank, device, dtype):
        super().__init__()
        n_layer, width, _, _, _, self.head, vocab = shape
        self.blocks = torch.nn.ModuleList(Block(shape, rank, device, dtype) for _ in range(n_layer))
        table = lambda: torch.empty(vocab, width, device=device, dtype=dtype).normal_(0, width**-0.5)
        self.register_buffer("embedding", table(), persistent=False)
        self.register_buffer("output", table(), persistent=False)

    def forward(self, tokens, wanted):
        place = torch.arange(tokens.shape[1], device=tokens.device).float()
        angle = torch.outer(place, 10000.0 ** (-torch.arange(0, self.head, 2, device=tokens.device) / self.head))
        angle = torch.cat((angle, angle), -1)
        x = F.embedding(tokens, self.embedding)
        cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
        for block in self.blocks:
            x = block(x, cos, sin)
        x = F.rms_norm(x[:, -wanted - 1 : -1], x.shape[-1:])
        return F.linear(x, self.output).float()


def make_peft(shape, rank, device, dtype):
    from peft import LoraConfig, get_peft_model
    from transformers import Qwen2Config, Qwen2ForCausalLM

    n_layer, width, inside, heads, kv, _, vocab = shape
    config = Qwen2Config(vocab_size=vocab, hidden_size=width, intermediate_size=inside, num_hidden_layers=n_layer,
                         num_attention_heads=heads, num_key_value_heads=kv, tie_word_embeddings=False)
    torch.set_default_dtype(dtype)
    with torch.device(device):
        model = Qwen2ForCausalLM(config)
    torch.set_default_dtype(torch.float32)
    modules = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
    model = get_peft_model(model, LoraConfig(r=rank, lora_alpha=2 * rank, target_modules=modules))

    def run(tokens, wanted):
        return model(tokens, use_cache=False, logits_to_keep=wanted + 1).logits[:, :-1].float()

    return model, run


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shape", choices=SHAPES, required=True)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--length", type=int, default=512)
    parser.add_argument("--wanted", type=int, default=64, help="supervised tokens at each sequence's end")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--rank", type=int, default=16)
    parser.add_argument("--layers", type=int, default=0)
    parser.add_argument("--device", default="cuda")
    args = parser.parse_args()
    shape = SHAPES[args.shape] if not args.layers else (args.layers, *SHAPES[args.shape][1:])
    dtype = torch.bfloat16 if args.device == "cuda" else torch.float32
    try:
        model, run = make_peft(shape, args.rank, args.device, dtype)
        kind = "peft"
    except ImportError:
        model = Plain(shape, args.rank, args.device, dtype)
        run, kind = model, "torch"
    trained = [p for p in model.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(trained, lr=1e-4, fused=args.device == "cuda")
    torch.manual_seed(1)
    seconds, losses = [], []
    for _ in range(args.steps):
        tokens = torch.randint(0, shape[6], (args.batch, args.length), device=args.device)
        start = time.perf_counter()
        logits = run(tokens, args.wanted)
        loss = F.cross_entropy(logits.reshape(-1, shape[6]), tokens[:, -args.wanted :].reshape(-1))
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimiser.step()
        if args.device == "cuda":
            torch.cuda.synchronize()
        seconds.append(time.perf_counter() - start)
        losses.append(loss.item())
    warm = sorted(seconds[len(seconds) // 4 :])
    peak = torch.cuda.max_memory_allocated() if args.device == "cuda" else 0
    print(json.dumps({
        "kind": kind, "torch": torch.__version__, "shape": args.shape, "batch": args.batch, "length": args.length,
        "tokens_per_s": args.batch * args.length / warm[len(warm) // 2], "first_step_s": seconds[0],
        "peak_memory_bytes": peak, "loss_first": losses[0], "loss_last": losses[-1],
    }))


if __name__ == "__main__":
    main()
