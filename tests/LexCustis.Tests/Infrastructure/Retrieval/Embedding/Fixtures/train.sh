#!/bin/sh
# Makes tiny-xlmr.model, the unigram model of the tests, out of corpus.txt, which is our own text.
# The options are those that XLM-RoBERTa's tokenizer shows in its own file, but for the size of the vocabulary.
set -eu
cd "$(dirname "$0")"
command -v spm_train >/dev/null || { echo "spm_train is missing: run scripts/setup-embeddings" >&2; exit 1; }
spm_train --input=corpus.txt --model_prefix=tiny-xlmr --model_type=unigram --vocab_size=1140 \
  --character_coverage=0.995 --normalization_rule_name=nmt_nfkc \
  --unk_id=0 --bos_id=1 --eos_id=2 --pad_id=-1 --num_threads=1 --minloglevel=1
rm -f tiny-xlmr.vocab
