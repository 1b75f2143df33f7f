#!/usr/bin/env python3
"""The other side of the training benchmark: PyTorch/PEFT on the weights of the same GGUF file.

usage: python3 peft-train.py convert CONFIG.json   dequantise the base once, for the runs to load
       python3 peft-train.py init CONFIG.json      write an adapter (A random by seed, B zero) that both sides start from
       python3 peft-train.py train CONFIG.json     run the steps; JSON lines on stdout like the worker's

CONFIG is the worker's run configuration with three keys more: "converted" (folder of the dequantised base),
"mode" ("f32" or "bf16") and "batches" (one entry a step: its micro-batches, each a list of rows of the dataset).
scripts/bench/train.mjs writes it and starts this program.

What is done for PEFT's speed: scaled-dot-product attention with its causal fast path (right padding needs no mask),
no gradient checkpointing, no cache, logits only at the supervised positions, fused AdamW, and in BF16 mode a base
already stored in BF16, so that autocast casts no weight.
"""

import json
import os
import pathlib
import sys
import time

import numpy as np
import torch

MODULES = {
    "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj", "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj", "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj",
}


def emit(kind, **fields):
    print(json.dumps({"type": kind, **fields}), flush=True)


def convert(config):
    from transformers import AutoModelForCausalLM

    base = pathlib.Path(config["base"])
    model = AutoModelForCausalLM.from_pretrained(base.parent, gguf_file=base.name, dtype=torch.float32)
    settings = {key: value for key, value in model.config.to_dict().items() if key != "quantization_config"}
    plain = AutoModelForCausalLM.from_config(type(model.config).from_dict(settings))
    plain.load_state_dict(model.state_dict())
    plain.save_pretrained(config["converted"])
    emit("done")


def init(config):
    """A is drawn here and read by both sides; llama.cpp permutes rows of q and k, which touches B (zero) and never A."""
    from gguf import GGUFReader, GGUFWriter

    shapes = {t.name: [int(n) for n in t.shape] for t in GGUFReader(config["base"]).tensors}
    architecture = GGUFReader(config["base"]).fields["general.architecture"].contents()
    random = np.random.default_rng(config["seed"])
    writer = GGUFWriter(config["init_adapter"], architecture)
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", float(config["alpha"]))
    for name, shape in shapes.items():
        if name.startswith("blk.") and name.split(".")[2] in config["target_modules"] and name.endswith(".weight"):
            n_in, n_out = shape
            a = random.normal(0, 1 / np.sqrt(n_in), (config["rank"], n_in)).astype(np.float32)
            writer.add_tensor(f"{name}.lora_a", a)
            writer.add_tensor(f"{name}.lora_b", np.zeros((n_out, config["rank"]), np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    emit("done")


def load(config):
    from gguf import GGUFReader
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    dtype = torch.bfloat16 if config["mode"] == "bf16" else torch.float32
    model = AutoModelForCausalLM.from_pretrained(config["converted"], dtype=dtype, attn_implementation="sdpa")
    model.config.use_cache = False
    lora = LoraConfig(
        r=config["rank"], lora_alpha=config["alpha"], lora_dropout=0.0, task_type="CAUSAL_LM",
        target_modules=[MODULES[name].split(".")[1] for name in config["target_modules"]],
    )
    model = get_peft_model(model, lora)  # keeps A and B in F32
    start = {t.name: np.array(t.data) for t in GGUFReader(config["init_adapter"]).tensors}
    parameters = dict(model.named_parameters())
    filled = 0
    for name, values in start.items():
        if not name.endswith(".lora_a"):
            continue
        _, layer, module, _, _ = name.split(".")
        target = parameters[f"base_model.model.model.layers.{layer}.{MODULES[module]}.lora_A.default.weight"]
        with torch.no_grad():
            target.copy_(torch.from_numpy(values.reshape(target.shape)))
        filled += 1
    trained = sum(1 for p in model.parameters() if p.requires_grad)
    if trained != 2 * filled:
        raise SystemExit(f"the start adapter fills {filled} pairs, the model trains {trained} tensors")
    return model


def make_batch(samples):
    """Token ids padded on the right to the longest, and the supervised positions with targets and weights.

    The last token of a sample is only a label: as in the worker, it is not fed.
    """
    width = max(len(s["tokens"]) for s in samples) - 1
    tokens = torch.zeros((len(samples), width), dtype=torch.long)
    rows, columns, targets, weights = [], [], [], []
    for row, sample in enumerate(samples):
        tokens[row, : len(sample["tokens"]) - 1] = torch.tensor(sample["tokens"][:-1])
        for i, weight in enumerate(sample["weights"]):
            if i > 0 and weight > 0:
                rows.append(row)
                columns.append(i - 1)
                targets.append(sample["tokens"][i])
                weights.append(weight)
    return tokens, torch.tensor(rows), torch.tensor(columns), torch.tensor(targets), torch.tensor(weights)


def learning_rate(config, step):
    """The worker's schedule for step 1..n: linear warm-up, then linear down to the final fraction."""
    warmup, steps = config["warmup_steps"], config["max_steps"]
    if step <= warmup:
        return config["learning_rate"] * step / warmup
    if config["schedule"] == "constant":
        return config["learning_rate"]
    left = 1 - (step - warmup - 1) / max(1, steps - warmup)
    return config["learning_rate"] * (config["final_lr_fraction"] + (1 - config["final_lr_fraction"]) * left)


def reset_peak_memory():
    try:
        pathlib.Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        pass


def peak_memory_bytes():
    for line in pathlib.Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return None


def train(config):
    torch.set_num_threads(config["threads"])
    torch.set_num_interop_threads(1)
    torch.manual_seed(config["seed"])
    model = load(config)
    model.train()
    core = model.base_model.model.model
    head = model.base_model.model.lm_head
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(
        parameters, lr=config["learning_rate"], betas=(config["beta1"], config["beta2"]), eps=config["eps"],
        weight_decay=config["weight_decay"], fused=True,
    )
    with open(config["dataset"], encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    steps = [[[rows[i] for i in micro] for micro in step] for step in config["batches"]]
    emit("hello", torch=torch.__version__, threads=torch.get_num_threads(), mode=config["mode"])
    reset_peak_memory()
    start = time.perf_counter()
    for step, micro_batches in enumerate(steps, 1):
        total = sum(sum(s["weights"][1:]) for samples in micro_batches for s in samples)
        losses = []
        for samples in micro_batches:
            tokens, row, column, target, weight = make_batch(samples)
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=config["mode"] == "bf16"):
                hidden = core(input_ids=tokens, use_cache=False).last_hidden_state
                logits = head(hidden[row, column])
            nll = torch.nn.functional.cross_entropy(logits.float(), target, reduction="none")
            loss = (nll * weight).sum() / total
            loss.backward()
            losses.append(loss.detach())
        norm = torch.nn.utils.clip_grad_norm_(parameters, config["max_grad_norm"])
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(config, step)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        emit("step", step=step, loss=float(sum(losses)), grad_norm=float(norm), lr=learning_rate(config, step),
             seconds=time.perf_counter() - start)
    emit("done", peak_memory_bytes=peak_memory_bytes())


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in ("convert", "init", "train"):
        raise SystemExit(__doc__)
    with open(sys.argv[2], encoding="utf-8") as file:
        config = json.load(file)
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    {"convert": convert, "init": init, "train": train}[sys.argv[1]](config)


if __name__ == "__main__":
    main()
