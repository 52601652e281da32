using System.Text;
using LexCustis.Infrastructure.Retrieval.Embedding;

namespace LexCustis.Tests.Infrastructure.Retrieval.Embedding;

public sealed class UnigramTokenizerTests : IDisposable
{
    private readonly string _folder = EmbeddingFixtures.NewFolder();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Gives_the_ids_of_spm_encode_on_ten_thousand_lines_malformed_ones_included()
    {
        var malformed = Compare(EmbeddingFixtures.TinyModel, lines: 10_000, seed: 20261122);
        Assert.InRange(malformed, 1_000, 9_000);
    }

    /// <summary>Each trains a model of a few hundred pieces with one option turned, because the option changes what the ids are.</summary>
    [Theory]
    [InlineData("--normalization_rule_name=identity")]
    [InlineData("--normalization_rule_name=nmt_nfkc_cf")]
    [InlineData("--remove_extra_whitespaces=false")]
    [InlineData("--add_dummy_prefix=false")]
    [InlineData("--treat_whitespace_as_suffix=true")]
    [InlineData("--split_by_whitespace=false")]
    [InlineData("--user_defined_symbols=Art.,<mask>,der,in,ing,e")]
    [InlineData("--control_symbols=<sep>,system")]
    [InlineData("--unk_id=5")]
    public void Gives_the_ids_of_spm_encode_whatever_the_model_asks_for(string option)
    {
        var name = Path.Combine(_folder, "variant");
        var options = new List<string>
        {
            $"--input={EmbeddingFixtures.Corpus}", $"--model_prefix={name}", "--model_type=unigram", "--vocab_size=900", "--hard_vocab_limit=false",
            "--character_coverage=0.98", "--num_threads=1", "--minloglevel=2", option,
        };
        EmbeddingFixtures.Run("spm_train", [.. options]);
        Compare(name + ".model", lines: 1_500, seed: option.Length);
    }

    /// <summary>Equal scores are rare in trained models, so these are made: what comes first must stay.</summary>
    [Fact]
    public void Breaks_ties_as_spm_encode_does()
    {
        var model = Path.Combine(_folder, "ties.model");
        File.Copy(EmbeddingFixtures.TinyModel, model);
        using (var file = File.Open(model, FileMode.Append))
        {
            foreach (var piece in new[] { "ⱥ", "ⱦ", "ⱨ", "ⱥⱦ", "ⱦⱨ", "ⱨⱥ", "ⱥⱦⱨ" })
            {
                // Repeated fields of protobuf may be appended: field 1 is a piece of text (1), score (2).
                var bytes = Encoding.UTF8.GetBytes(piece);
                file.Write([0x0A, (byte)(bytes.Length + 7), 0x0A, (byte)bytes.Length, .. bytes, 0x15, .. BitConverter.GetBytes(piece.Length == 3 ? -10f : -5f)]);
            }
        }

        var path = Path.Combine(_folder, "ties");
        File.WriteAllText(path, "ⱥⱦⱨ\nⱥⱦⱨⱥ\nⱥⱦⱨⱥⱦⱨ\nⱨⱥⱦⱨⱥ\n");
        var tokenizer = UnigramTokenizer.Load(model);
        var ours = File.ReadAllLines(path).Select(line =>
        {
            var ids = new List<int>();
            tokenizer.EncodePieces(Encoding.UTF8.GetBytes(line), ids);
            return ids.ToArray();
        });
        Assert.Equal(EmbeddingFixtures.SpmEncode(model, path), ours);
    }

    [Theory]
    [InlineData("--model_type=bpe", "only unigram")]
    [InlineData("--byte_fallback=true", "falls back to bytes")]
    public void Refuses_a_model_of_another_kind(string option, string reason)
    {
        var name = Path.Combine(_folder, "other");
        EmbeddingFixtures.Run("spm_train", $"--input={EmbeddingFixtures.Corpus}", $"--model_prefix={name}", "--vocab_size=900", "--hard_vocab_limit=false",
            "--character_coverage=0.98", "--minloglevel=2", option);
        var error = Assert.Throws<EmbeddingException>(() => UnigramTokenizer.Load(name + ".model"));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.Contains("other.model", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_a_file_that_is_cut_off_anywhere_or_is_something_else()
    {
        var whole = File.ReadAllBytes(EmbeddingFixtures.TinyModel);
        var random = new Random(5);
        for (var i = 0; i < 300; i++)
        {
            var broken = whole.AsSpan(0, random.Next(whole.Length)).ToArray();
            var length = i % 3 == 0 ? random.Next(broken.Length) : 0;
            random.NextBytes(broken.AsSpan(0, Math.Min(length, 40)));
            LoadsOrTellsWhy(broken);
        }

        Assert.Throws<EmbeddingException>(() => UnigramTokenizer.Load(Path.Combine(_folder, "absent.model")));
        Assert.Throws<EmbeddingException>(() => UnigramTokenizer.Load(_folder));
        File.WriteAllText(Path.Combine(_folder, "x"), "<html>Not found</html>");
        Assert.Throws<EmbeddingException>(() => UnigramTokenizer.Load(Path.Combine(_folder, "x")));
    }

    [Fact]
    public void Frames_the_ids_as_XLM_RoBERTa_does()
    {
        var tokenizer = EmbeddingFixtures.Tokenizer();
        Assert.Equal([0L, 2L], tokenizer.Encode("", 8192));
        Assert.Equal([0L, 2L], tokenizer.Encode(" \t ", 8192));

        var pieces = new List<int>();
        tokenizer.EncodePieces("The log ⸎⸎ grows"u8, pieces);
        var ids = tokenizer.Encode("The log ⸎⸎ grows", 8192);
        Assert.Equal(pieces.Count + 2, ids.Length);
        Assert.Equal(UnigramTokenizer.StartId, ids[0]);
        Assert.Equal(UnigramTokenizer.EndId, ids[^1]);
        for (var i = 0; i < pieces.Count; i++) Assert.Equal(pieces[i] == 0 ? UnigramTokenizer.UnknownId : pieces[i] + 1, ids[i + 1]);
        Assert.Single(ids, id => id == UnigramTokenizer.UnknownId);
        Assert.All(ids, id => Assert.InRange(id, 0, tokenizer.VocabularySize - 1));
    }

    [Fact]
    public void Truncates_and_keeps_the_end()
    {
        var tokenizer = EmbeddingFixtures.Tokenizer();
        var text = new MultilingualText(3).Text(9_000);
        var whole = tokenizer.Encode(text, int.MaxValue);
        Assert.True(whole.Length > 8192);
        var cut = tokenizer.Encode(text, 8192);
        Assert.Equal(8192, cut.Length);
        Assert.Equal(whole[..8191], cut[..8191]);
        Assert.Equal(UnigramTokenizer.EndId, cut[^1]);
        Assert.Equal([0L, 2L], tokenizer.Encode(text, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.Encode(text, 1));
    }

    [Fact]
    public void Counts_and_places_agree_with_the_ids_and_cover_the_text()
    {
        var tokenizer = EmbeddingFixtures.Tokenizer();
        var source = new MultilingualText(11);
        for (var i = 0; i < 500; i++)
        {
            var text = Encoding.UTF8.GetString(source.Line());
            var pieces = new List<int>();
            tokenizer.EncodePieces(Encoding.UTF8.GetBytes(text), pieces);
            var spans = tokenizer.Spans(text);
            Assert.Equal(pieces.Count, tokenizer.Count(text));
            Assert.Equal(pieces.Count, spans.Count);
            var last = 0;
            foreach (var span in spans)
            {
                Assert.True(span.Start >= last && span.End >= span.Start && span.End <= text.Length);
                Assert.False(span.Start < text.Length && char.IsLowSurrogate(text[span.Start]));
                last = span.End;
            }
        }
    }

    [Fact]
    public void Places_a_token_where_its_characters_are()
    {
        var tokenizer = EmbeddingFixtures.Tokenizer();
        const string Text = "  Der 🇪🇺 Anbieter";
        var spans = tokenizer.Spans(Text);
        Assert.Equal("Der 🇪🇺 Anbieter", Text[spans[0].Start..spans[^1].End]);
        Assert.Equal("Der", Text[spans[0].Start..spans.First(s => s.End >= 5).End].Trim());
    }

    [Fact]
    public void The_model_reads_composed_text_however_it_was_typed()
    {
        var tokenizer = EmbeddingFixtures.Tokenizer();
        Assert.Equal(tokenizer.Encode("m\u1ECDi ng\u01B0\u1EDDi \u1EAD", 100), tokenizer.Encode("mo\u0323i ngu\u031Bo\u0300\u031Bi a\u0302\u0323", 100));
    }

    [Fact]
    public void A_lone_surrogate_is_the_replacement_character()
    {
        var tokenizer = EmbeddingFixtures.Tokenizer();
        Assert.Equal(tokenizer.Encode("a\uFFFDb", 100), tokenizer.Encode("a\uD800b", 100));
    }

    /// <summary>Returns how many of the lines were malformed UTF-8.</summary>
    private int Compare(string model, int lines, int seed)
    {
        var source = new MultilingualText(seed);
        var all = Enumerable.Range(0, lines).Select(_ => source.Line()).ToList();
        var path = Path.Combine(_folder, "lines");
        using (var file = File.Create(path))
        {
            foreach (var line in all)
            {
                file.Write(line);
                file.WriteByte((byte)'\n');
            }
        }

        var expected = EmbeddingFixtures.SpmEncode(model, path);
        Assert.Equal(all.Count, expected.Count);
        var tokenizer = UnigramTokenizer.Load(model);
        var malformed = 0;
        var strict = new UTF8Encoding(false, throwOnInvalidBytes: true);
        for (var i = 0; i < all.Count; i++)
        {
            var ids = new List<int>();
            tokenizer.EncodePieces(all[i], ids);
            Assert.True(expected[i].AsSpan().SequenceEqual([.. ids]),
                $"line {i}: {Convert.ToHexString(all[i])}\nspm_encode {string.Join(' ', expected[i])}\nours       {string.Join(' ', ids)}");
            try
            {
                strict.GetCharCount(all[i]);
            }
            catch (DecoderFallbackException)
            {
                malformed++;
            }
        }

        return malformed;
    }

    private void LoadsOrTellsWhy(byte[] file)
    {
        var path = Path.Combine(_folder, "broken");
        File.WriteAllBytes(path, file);
        try
        {
            UnigramTokenizer.Load(path).Count("What is left of it?");
        }
        catch (EmbeddingException e)
        {
            Assert.Contains("broken", e.Message, StringComparison.Ordinal);
        }
    }
}
