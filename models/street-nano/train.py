"""Trains street-nano on pictures of the generated street and exports it as ONNX.

    python3 models/street-nano/train.py --data FOLDER --out street-nano.onnx --minutes 40

FOLDER is what dump-frames.ts wrote. Needs PyTorch (1.13 was used), onnx and numpy; runs on the CPU.

The network is a small anchor-free detector in the manner of YOLOX (Ge et al., arXiv:2107.08430), written from the paper: three grids of
strides 8, 16 and 32; a cell says where its object's centre is, how large it is, whether there is one, and of which label.
"""

import argparse
import copy
import json
import math
import os
import time

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

LABELS = ["person", "car", "bus", "truck", "bicycle"]
WIDTH, HEIGHT = 448, 256
STRIDES = (8, 16, 32)
# Cells around an object's centre that may answer for it, in units of the stride.
REACH = 1.5
# How many cells answer for one object at most.
MOST_CELLS = 8


def conv(inputs, outputs, size, stride=1, padding=None):
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, size, stride, size // 2 if padding is None else padding, bias=False),
        nn.BatchNorm2d(outputs, eps=1e-3, momentum=0.03),
        nn.ReLU(inplace=True),
    )


class Residual(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.body = nn.Sequential(conv(channels, channels // 2, 1), conv(channels // 2, channels, 3))

    def forward(self, x):
        return x + self.body(x)


class StreetNano(nn.Module):
    def __init__(self):
        super().__init__()
        # Overlapping patches at once to a quarter of the size: large maps cost most and give little here.
        self.stem = conv(3, 24, 6, 4, 1)
        self.stage8 = nn.Sequential(conv(24, 40, 3, 2), Residual(40), Residual(40))
        self.stage16 = nn.Sequential(conv(40, 72, 3, 2), Residual(72), Residual(72))
        self.stage32 = nn.Sequential(conv(72, 112, 3, 2), Residual(112), Residual(112))
        self.narrow32 = conv(112, 64, 1)
        self.join16 = nn.Sequential(conv(72 + 64, 64, 1), conv(64, 64, 3))
        self.narrow16 = conv(64, 40, 1)
        self.join8 = nn.Sequential(conv(40 + 40, 40, 1), conv(40, 40, 3))
        self.heads = nn.ModuleList()
        for channels in (40, 64, 64):
            last = nn.Conv2d(channels, 5 + len(LABELS), 1)
            # At first hardly any cell sees anything.
            last.bias.data[4:].fill_(-4.6)
            self.heads.append(nn.Sequential(conv(channels, channels, 3), last))
        # Preprocessing inside the network: its input is 0…255.
        self.register_buffer("scale", torch.tensor(1 / 255.0))

    def forward(self, x):
        x = self.stem(x * self.scale - 0.45)
        c8 = self.stage8(x)
        c16 = self.stage16(c8)
        p32 = self.narrow32(self.stage32(c16))
        p16 = self.join16(torch.cat([F.interpolate(p32, scale_factor=2.0, mode="nearest"), c16], 1))
        p8 = self.join8(torch.cat([F.interpolate(self.narrow16(p16), scale_factor=2.0, mode="nearest"), c8], 1))
        # [batch, cells, 5 + labels], logits
        return torch.cat([head(p).flatten(2).transpose(1, 2) for head, p in zip(self.heads, (p8, p16, p32))], 1)


class Exported(nn.Module):
    """The raw-grid layout: offsets and logarithms of sizes as they are, objectness and labels as probabilities."""

    def __init__(self, net):
        super().__init__()
        self.net = net

    def forward(self, images):
        out = self.net(images)
        return torch.cat([out[..., :4], torch.sigmoid(out[..., 4:])], 2)


def cells():
    """Column, row and stride of every cell."""
    parts = []
    for stride in STRIDES:
        rows, columns = torch.meshgrid(torch.arange(HEIGHT // stride), torch.arange(WIDTH // stride), indexing="ij")
        parts.append(torch.stack([columns.flatten(), rows.flatten(), torch.full((rows.numel(),), stride)], 1))
    return torch.cat(parts).float()


GRID = cells()


def decode(out):
    """Centre and size in pixels of the input."""
    centre = (out[..., :2] + GRID[:, :2]) * GRID[:, 2:]
    size = torch.exp(out[..., 2:4].clamp(max=6)) * GRID[:, 2:]
    return torch.cat([centre, size], -1)


def corners(boxes):
    return torch.cat([boxes[..., :2] - boxes[..., 2:] / 2, boxes[..., :2] + boxes[..., 2:] / 2], -1)


def iou_of(a, b, generalised=False):
    """IoU of boxes given by corners; with `generalised`, minus the share of the hull that neither covers."""
    low = torch.max(a[..., :2], b[..., :2])
    high = torch.min(a[..., 2:], b[..., 2:])
    inter = (high - low).clamp(min=0).prod(-1)
    area = lambda boxes: (boxes[..., 2:] - boxes[..., :2]).clamp(min=0).prod(-1)
    union = area(a) + area(b) - inter
    iou = inter / (union + 1e-6)
    if not generalised:
        return iou
    hull = (torch.max(a[..., 2:], b[..., 2:]) - torch.min(a[..., :2], b[..., :2])).prod(-1)
    return iou - (hull - union) / (hull + 1e-6)


@torch.no_grad()
def assign(out, boxes, truth, labels):
    """SimOTA: each object gets the cells that fit it best; as many as its best fits overlap it. Returns cell and object indices."""
    centres = (GRID[:, :2] + 0.5) * GRID[:, 2:]
    objects = corners(truth)
    inside = ((centres[None] > objects[:, None, :2]) & (centres[None] < objects[:, None, 2:])).all(-1)
    near = ((centres[None] - truth[:, None, :2]).abs() < REACH * GRID[None, :, 2:]).all(-1)
    candidates = (inside | near).any(0).nonzero()[:, 0]
    overlap = iou_of(objects[:, None], corners(boxes[candidates])[None])
    score = out[candidates, 4:].sigmoid()
    chance = (score[:, 1:] * score[:, :1]).sqrt()[:, labels].T
    cost = -torch.log(chance + 1e-6) - 3 * torch.log(overlap + 1e-6) + 1e5 * ~(inside & near)[:, candidates]
    counts = overlap.topk(min(MOST_CELLS, overlap.shape[1]), 1).values.sum(1).int().clamp(min=1)
    matched = torch.zeros_like(cost, dtype=torch.bool)
    for i, count in enumerate(counts.tolist()):
        matched[i, cost[i].topk(min(count, cost.shape[1]), largest=False).indices] = True
    several = matched.sum(0) > 1
    if several.any():
        best = cost[:, several].argmin(0)
        matched[:, several] = False
        matched[best, several.nonzero()[:, 0]] = True
    objects_of, cells_of = matched.nonzero(as_tuple=True)
    return candidates[cells_of], objects_of, overlap[objects_of, cells_of]


def loss_of(outputs, truths):
    boxes = decode(outputs)
    objectness = torch.zeros(outputs.shape[:2])
    total_iou = outputs.sum() * 0
    total_label = outputs.sum() * 0
    count = 0
    for i, (truth, labels) in enumerate(truths):
        if len(truth) == 0:
            continue
        at, objects, overlap = assign(outputs[i].detach(), boxes[i].detach(), truth, labels)
        objectness[i, at] = 1
        count += len(at)
        total_iou = total_iou + (1 - iou_of(corners(boxes[i, at]), corners(truth[objects]), generalised=True)).sum()
        wanted = F.one_hot(labels[objects], len(LABELS)).float() * (0.3 + 0.7 * overlap[:, None])
        total_label = total_label + F.binary_cross_entropy_with_logits(outputs[i, at, 5:], wanted, reduction="sum")
    total_objectness = F.binary_cross_entropy_with_logits(outputs[..., 4], objectness, reduction="sum")
    return (4 * total_iou + total_label + total_objectness) / max(count, 1)


class Dataset:
    def __init__(self, folder, least_pixels=3.0):
        with open(os.path.join(folder, "truth.jsonl")) as lines:
            self.lines = [json.loads(line) for line in lines]
        self.frames = np.memmap(os.path.join(folder, "frames.bin"), np.uint8, "r", shape=(len(self.lines), HEIGHT, WIDTH, 3))
        self.truths = [self.truth(line, least_pixels) for line in self.lines]

    @staticmethod
    def truth(line, least):
        left, top, width, height = line["content"]
        boxes, labels = [], []
        for item in line["objects"]:
            x, y, w, h = item["box"]
            if h * height < least:
                continue
            boxes.append([left + (x + w / 2) * width, top + (y + h / 2) * height, w * width, h * height])
            labels.append(LABELS.index(item["label"]))
        return np.array(boxes, np.float32).reshape(-1, 4), np.array(labels, np.int64)

    def batch(self, indices, rng):
        images, truths = [], []
        for i in indices:
            image = self.frames[i].astype(np.float32)
            boxes, labels = self.truths[i]
            boxes = boxes.copy()
            if rng.random() < 0.5:
                image = image[:, ::-1]
                boxes[:, 0] = WIDTH - boxes[:, 0]
            image, boxes, labels = jitter(image, boxes, labels, rng)
            images.append(torch.from_numpy(np.ascontiguousarray(image.transpose(2, 0, 1))))
            truths.append((torch.from_numpy(boxes), torch.from_numpy(labels)))
        return torch.stack(images), truths


def jitter(image, boxes, labels, rng):
    """Other colours, a little noise, and now and then moved aside."""
    if rng.random() < 0.5:
        image = image * rng.uniform(0.85, 1.15, (1, 1, 3)).astype(np.float32) + rng.uniform(-12, 12)
    if rng.random() < 0.3:
        image = image + rng.normal(0, rng.uniform(1, 6), image.shape).astype(np.float32)
    if rng.random() < 0.5:
        dx, dy = int(rng.integers(-24, 25)), int(rng.integers(-8, 9))
        moved = np.full_like(image, 114)
        moved[max(0, dy):HEIGHT + min(0, dy), max(0, dx):WIDTH + min(0, dx)] = image[max(0, -dy):HEIGHT + min(0, -dy), max(0, -dx):WIDTH + min(0, -dx)]
        image = moved
        low = boxes[:, :2] - boxes[:, 2:] / 2 + (dx, dy)
        high = boxes[:, :2] + boxes[:, 2:] / 2 + (dx, dy)
        low, high = np.clip(low, 0, (WIDTH, HEIGHT)), np.clip(high, 0, (WIDTH, HEIGHT))
        kept = ((high - low) > 0.4 * boxes[:, 2:]).all(1)
        boxes = np.concatenate([(low + high) / 2, high - low], 1)[kept].astype(np.float32)
        labels = labels[kept]
    return np.clip(image, 0, 255), boxes, labels


class Average:
    """A moving average of the weights, which is what is exported."""

    def __init__(self, net):
        self.net = copy.deepcopy(net).eval()
        self.steps = 0

    @torch.no_grad()
    def update(self, net):
        self.steps += 1
        keep = 0.998 * (1 - math.exp(-self.steps / 200))
        for mine, new in zip(self.net.state_dict().values(), net.state_dict().values()):
            if mine.dtype.is_floating_point:
                mine.mul_(keep).add_(new, alpha=1 - keep)
            else:
                mine.copy_(new)


def export(net, path):
    model = Exported(copy.deepcopy(net).eval())
    torch.onnx.export(
        model,
        torch.zeros(1, 3, HEIGHT, WIDTH),
        path,
        opset_version=13,
        input_names=["images"],
        output_names=["output"],
        dynamic_axes={"images": {0: "batch"}, "output": {0: "batch"}},
    )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", required=True, nargs="+")
    parser.add_argument("--out", required=True)
    parser.add_argument("--minutes", type=float, default=40)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--start", help="weights to go on from")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    sets = [Dataset(folder) for folder in args.data]
    where = [(s, i) for s in range(len(sets)) for i in range(len(sets[s].lines))]
    net = StreetNano().to(memory_format=torch.channels_last)
    if args.start:
        net.load_state_dict(torch.load(args.start))
    average = Average(net)
    decayed = [p for p in net.parameters() if p.ndim > 1]
    others = [p for p in net.parameters() if p.ndim <= 1]
    optimiser = torch.optim.AdamW([{"params": decayed, "weight_decay": 0.02}, {"params": others, "weight_decay": 0}], lr=args.rate)
    print(f"{len(where)} pictures, {sum(p.numel() for p in net.parameters())} weights", flush=True)
    began, step, seen, running = time.time(), 0, 0, None
    while True:
        order = rng.permutation(len(where))
        for at in range(0, len(order) - args.batch + 1, args.batch):
            progress = (time.time() - began) / (args.minutes * 60)
            if progress >= 1:
                export(average.net, args.out)
                torch.save(average.net.state_dict(), args.out.replace(".onnx", ".pt"))
                return
            warm = min(1, (step + 1) / 60)
            for group in optimiser.param_groups:
                group["lr"] = args.rate * warm * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * progress)))
            chosen = [where[i] for i in order[at : at + args.batch]]
            parts = [sets[s].batch([i], rng) for s, i in chosen]
            images = torch.cat([part[0] for part in parts]).contiguous(memory_format=torch.channels_last)
            truths = [part[1][0] for part in parts]
            net.train()
            loss = loss_of(net(images), truths)
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 10)
            optimiser.step()
            average.update(net)
            step, seen = step + 1, seen + args.batch
            running = loss.item() if running is None else 0.98 * running + 0.02 * loss.item()
            if step % 50 == 0:
                print(f"{progress * 100:.0f} % step {step} pictures {seen} loss {running:.3f}", flush=True)
            if step % 500 == 0:
                torch.save(average.net.state_dict(), args.out.replace(".onnx", ".pt"))


if __name__ == "__main__":
    main()
