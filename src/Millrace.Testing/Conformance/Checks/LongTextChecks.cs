using Millrace.Storage;

namespace Millrace.Testing.Conformance.Checks;

/// <summary>
/// Contains checks of long field values. The storage finds, sorts and pages them as exactly as short ones.
/// </summary>
internal static class LongTextChecks
{
    private const string Name = "long@1";
    private const int Documents = 120;

    private static readonly Comparison[] Ordered =
    [
        Comparison.Equal,
        Comparison.NotEqual,
        Comparison.Less,
        Comparison.LessOrEqual,
        Comparison.Greater,
        Comparison.GreaterOrEqual,
        Comparison.GreaterOrNull,
    ];

    private static readonly CollectionDefinition Definition = new(Name,
    [
        new FieldDefinition("text", FieldKind.Text), new FieldDefinition("other", FieldKind.Text),
        new FieldDefinition("few", FieldKind.Text),
    ]);

    public static IReadOnlyList<ConformanceCheck> All { get; } =
    [
        new("A long text of a field is compared completely", Compared),
        new("Long texts of a field are found by short and long prefixes", Prefixes),
        new("Long texts are sorted by all of their characters, and equal texts by key", Sorted),
        new("The pages of a query with conditions on long texts contain its whole result", Filtered_pages),
        new("A field can change from a long text to a short text, and back", Changed),
    ];

    private static async Task Compared(StorageProbe probe)
    {
        var model = await Fill(probe);
        foreach (var value in Texts())
        {
            foreach (var comparison in Ordered)
                await Compare(probe, model, null, new FieldCondition("text", comparison, value));
        }
        foreach (var comparison in new[] { Comparison.Equal, Comparison.NotEqual })
            await Compare(probe, model, null, new FieldCondition("text", comparison, FieldValue.Null));
    }

    private static async Task Prefixes(StorageProbe probe)
    {
        var model = await Fill(probe);
        foreach (var text in Texts().Where(text => text.Length > 0))
        {
            foreach (var length in new[] { 1, 255, 256, 257, 512, 1_024, text.Length - 1, text.Length })
            {
                if (length > 0 && length <= text.Length && !char.IsHighSurrogate(text[length - 1]))
                    await Compare(
                        probe, model, null, new FieldCondition("text", Comparison.StartsWith, text[..length]));
            }
        }
    }

    private static async Task Sorted(StorageProbe probe)
    {
        var model = await Fill(probe);
        foreach (var isDescending in new[] { false, true })
        {
            foreach (var limit in new[] { 1, 7, Documents - 1, Documents })
            {
                var query = new DocumentQuery
                {
                    Collection = Name,
                    OrderBy = "text",
                    IsDescending = isDescending,
                    Limit = limit,
                };
                await Pages(probe, model, query);
            }
        }
        foreach (var skip in new[] { 1, 40, Documents })
        {
            var query = new DocumentQuery { Collection = Name, OrderBy = "text", Skip = skip, Limit = 30 };
            var page = await probe.Documents.Query(query, probe.Cancel);
            Expect.Same(
                model.Keys(query).Skip(skip).Take(30),
                page.Documents.Select(document => document.Key),
                $"the page after {skip}");
        }
    }

    private static async Task Filtered_pages(StorageProbe probe)
    {
        var model = await Fill(probe);
        var random = new Random(3);
        var texts = Texts();
        for (var i = 0; i < 80; i++)
        {
            var conditions = Enumerable
                .Range(0, 1 + random.Next(3))
                .Select(_ =>
                    random.Next(4) == 0
                        ? new FieldCondition("few", Ordered[random.Next(Ordered.Length)], "one")
                        : new FieldCondition(
                            random.Next(3) == 0 ? "other" : "text",
                            Ordered[random.Next(Ordered.Length)],
                            texts[random.Next(texts.Length)]));
            await Pages(
                probe,
                model,
                new DocumentQuery
                {
                    Collection = Name,
                    Conditions = [.. conditions],
                    OrderBy = random.Next(3) switch
                    {
                        0 => null,
                        1 => "other",
                        _ => "text",
                    },
                    IsDescending = random.Next(2) == 0,
                    Limit = 1 + random.Next(40),
                }
            );
        }
    }

    private static async Task Changed(StorageProbe probe)
    {
        await probe.Documents.EnsureCollection(Definition, probe.Cancel);
        var longer = Random(4_000, 9);
        foreach (var (newText, oldText) in new[]
            {
                ("short", longer),
                (longer, "short"),
                (longer + "!", longer),
                ("short", longer + "!"),
            }
        )
        {
            await probe.Do(Sample.Write(Sample.Put(Name, "a", "1", newText, FieldValue.Null, FieldValue.Null)));

            Expect.Equal(
                1,
                await Count(probe, new FieldCondition("text", Comparison.Equal, newText)),
                "documents with the new text");
            Expect.Equal(
                0,
                await Count(probe, new FieldCondition("text", Comparison.Equal, oldText)),
                "documents with the old text");
        }
        await probe.Do(Sample.Write(new DocumentChange { Collection = Name, Key = "a" }));
        Expect.Equal(0, await probe.Documents.Count(Name, [], probe.Cancel), "documents");
    }

    private static async Task<QueryModel> Fill(StorageProbe probe)
    {
        await probe.Documents.EnsureCollection(Definition, probe.Cancel);
        var random = new Random(11);
        var texts = Texts();
        var documents = new Dictionary<string, FieldValue[]>();
        for (var i = 0; i < Documents; i++)
        {
            // The maximum length of a key, in characters that need the most bytes.
            var key = i % 10 == 0 ? $"{i:000}{new string('本', 509)}" : $"{i:000}";
            documents[key] =
            [
                i < texts.Length ? texts[i] : random.Next(8) == 0 ? FieldValue.Null : texts[random.Next(texts.Length)],
                texts[random.Next(texts.Length)], random.Next(2) == 0 ? "one" : "two",
            ];
        }
        await probe.Do(Sample.Write([.. documents.Select(pair => Sample.Put(Name, pair.Key, "{}", pair.Value))]));
        return new QueryModel(Definition, documents);
    }

    /// <summary>
    /// Returns texts around the lengths at which a storage may switch to another representation. Many have the same
    /// prefix, and none can be compressed.
    /// </summary>
    private static string[] Texts()
    {
        var wide = string.Concat(Enumerable.Range(0, 256).Select(i => char.ConvertFromUtf32(0x20000 + (i * 37))));
        var same = Random(1_024, 1);
        string[] texts =
        [
            "",
            "a",
            "z",
            same[..255],
            same[..256],
            same[..256] + "~",
            same[..256] + "\u0001",
            same[..1_023],
            same,
            same + "\u0001",
            same + "a",
            same + "b",
            same + "😀",
            same + Random(3_000, 2),
            same + Random(3_000, 3),
            same[..256] + Random(5_000, 4),
            wide[..510],
            wide,
            wide + "a",
            wide + "b",
            wide + Random(3_000, 5),
            wide + Random(3_000, 6),
            Random(2_600, 7),
            Random(60_000, 8),
            same[..1_022] + "é",
            same[..1_022] + "本",
        ];
        return texts;
    }

    private static string Random(int length, int seed)
    {
        var random = new Random(seed);
        return string.Create(length, random, static (text, random) =>
        {
            for (var i = 0; i < text.Length; i++)
                text[i] = (char)random.Next('!', 0x7f);
        });
    }

    private static async Task<long> Count(StorageProbe probe, FieldCondition condition) =>
        await probe.Documents.Count(Name, [condition], probe.Cancel);

    private static async Task Compare(
        StorageProbe probe, QueryModel model, string? orderBy, params FieldCondition[] conditions)
    {
        var query = new DocumentQuery { Collection = Name, Conditions = conditions, OrderBy = orderBy, Limit = 1_000 };
        var filterText = string.Join(
            " and ", conditions.Select(one => $"{one.Field} {one.Comparison} '{Display(one.Value)}'"));
        var page = await probe.Documents.Query(query, probe.Cancel);
        Expect.Same(model.Keys(query), page.Documents.Select(document => document.Key), $"documents with {filterText}");
        var count = await probe.Documents.Count(Name, conditions, probe.Cancel);
        Expect.Equal(page.Documents.Count, count, $"the count of documents with {filterText}");
    }

    private static async Task Pages(StorageProbe probe, QueryModel model, DocumentQuery query)
    {
        var expected = model.Keys(query).ToList();
        var actual = new List<string>();
        for (DocumentQuery? next = query; next is not null;)
        {
            var page = await probe.Documents.Query(next, probe.Cancel);
            actual.AddRange(page.Documents.Select(document => document.Key));
            Expect.True(actual.Count <= expected.Count, "the pages do not end");
            next = page.Next is { } cursor ? query with { After = cursor } : null;
        }
        var conditions = string.Join(
            " and ", query.Conditions.Select(one => $"{one.Field} {one.Comparison} '{Display(one.Value)}'"));
        Expect.Same(
            expected,
            actual,
            $"all pages by {query.OrderBy ?? "key"}, descending {query.IsDescending}, with {conditions}");
    }

    private static string Display(FieldValue value) =>
        $"{value}" is { Length: > 40 } text ? $"{text[..40]}… ({text.Length})" : $"{value}";
}
