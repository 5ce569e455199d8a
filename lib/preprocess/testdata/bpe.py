"""Reference values for BPE, from the package tokenizers 0.23.3 of PyPI; run from any directory.

It is apart from golden.py because only it needs that package. The text is part of the embedded ones,
and some lines that test what characters may do.
"""
import gzip
import json
import pathlib

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

HERE = pathlib.Path(__file__).parent
TEXTS = HERE.parents[2] / "datasets" / "texts" / "data"


def text(name, characters):
    return gzip.open(TEXTS / f"{name}.txt.gz").read().decode()[:characters]


ODD = ("They're sure we'll say it's 'twas; I'd I'm you've.  Two spaces,\n\n three\t\ttabs \u00a0and\u3000wide ones.   \n"
       "3.14159 ½ Ⅷ ٣٤ 日本語のテキスト naïve cafe\u0301 😀😃 aaaaaaaaa aaaa !!!??? \x00\x1f\u00ad\u200d 'S '\n"
       "हिन्दी ไทย Привет,мир! don't DON'T '' ''s  end ")

corpora = {
    "english": [text("psalms", 12000)],
    "chinese": [text("tang_poems", 3000)],
    "odd": [ODD, ODD[::-1], "low low low low low lower lower newest newest newest newest newest newest widest widest widest"],
}
new = [ODD, "In the beginning was the word, and xyzzy isn't it.", "春眠不觉晓，处处闻啼鸟。", "", " ", "  x", "\n\n\n", "a\n b"]

out = {}
for name, texts in corpora.items():
    for special, min_count, size in [([], 2, 600), (["<|endoftext|>", "<pad>"], 1, 420), ([], 5, 5000)]:
        t = Tokenizer(models.BPE())
        t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
        t.decoder = decoders.ByteLevel()
        trainer = trainers.BpeTrainer(vocab_size=size, min_frequency=min_count, special_tokens=special, show_progress=False,
                                      initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
        t.train_from_iterator(texts, trainer)
        model = json.loads(t.to_str())["model"]
        merges = [m if isinstance(m, str) else " ".join(m) for m in model["merges"]]
        for s in new:
            assert t.decode(t.encode(s, add_special_tokens=False).ids, skip_special_tokens=False) == s
        out[f"{name}, {size} tokens, at least {min_count}"] = {
            "texts": texts, "special": special, "min_count": min_count, "size": size, "merges": merges,
            "vocabulary": len(model["vocab"]),
            # tokenizers puts special tokens first, BPE last
            "encoded": [[i - len(special) for i in t.encode(s).ids] for s in new],
        }
(HERE / "bpe.json").write_text(json.dumps({"new": new, "cases": out}, ensure_ascii=True, separators=(",", ":")) + "\n")
