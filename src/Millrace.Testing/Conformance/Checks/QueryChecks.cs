using Millrace.Storage;

namespace Millrace.Testing.Conformance.Checks;

/// <summary>Contains checks of document queries by field values.</summary>
internal static class QueryChecks
{
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

    public static IReadOnlyList<ConformanceCheck> All { get; } =
    [
        new("Texts are compared ordinally", probe => Every_comparison(probe, 0)),
        new("Whole numbers are compared exactly", probe => Every_comparison(probe, 1)),
        new("Decimals are compared exactly", probe => Every_comparison(probe, 2)),
        new("Floating-point numbers are compared by value", probe => Every_comparison(probe, 3)),
        new("Null is equal only to null", Nulls),
        new("Text prefixes of any content are compared ordinally", Prefixes),
        new("A query returns only documents that meet all its conditions", Several_conditions),
        new("A changed document is found only by its new values", Changed_values),
        new("A removed document is not found by any of its values", Removed_documents),
        new("A document of a refused request is not found by any of its values", Refused_documents),
    ];

    private static async Task Every_comparison(StorageProbe probe, int field)
    {
        var sample = await QuerySample.Fill(probe);
        var name = QuerySample.Definition.Fields[field].Name;
        foreach (var value in sample
                .Documents.Values.Select(fields => fields[field])
                .Where(value => !value.IsNull)
                .Distinct()
                .ToList())
        {
            foreach (var comparison in Ordered)
                await Compare(probe, sample, new FieldCondition(name, comparison, value));
        }
    }

    private static async Task Nulls(StorageProbe probe)
    {
        var sample = await QuerySample.Fill(probe);
        foreach (var field in QuerySample.Definition.Fields)
        {
            await Compare(probe, sample, new FieldCondition(field.Name, Comparison.Equal, FieldValue.Null));
            await Compare(probe, sample, new FieldCondition(field.Name, Comparison.NotEqual, FieldValue.Null));
            await Compare(probe, sample, new FieldCondition(field.Name, Comparison.GreaterOrNull, FieldValue.Null));
        }
        Expect.Equal(
            0,
            await probe.Documents.Count(
                QuerySample.Name,
                [new FieldCondition("text", Comparison.Equal, "null")],
                probe.Cancel),
            "the text 'null'");
    }

    private static async Task Prefixes(StorageProbe probe)
    {
        var sample = await QuerySample.Fill(probe);
        foreach (var start in new[]
            {
                "",
                "a",
                "A",
                "ab",
                "a%",
                "a_",
                "%",
                "_",
                "\\",
                "a\\",
                "'",
                "\"",
                "ä",
                "😀",
                "\ue000",
                "zz",
            }
        )
            await Compare(probe, sample, new FieldCondition("text", Comparison.StartsWith, start));
    }

    private static async Task Several_conditions(StorageProbe probe)
    {
        var sample = await QuerySample.Fill(probe);
        var random = new Random(5);
        for (var i = 0; i < 200; i++)
        {
            var conditions = Enumerable.Range(0, random.Next(4)).Select(_ =>
            {
                var field = random.Next(5);
                return new FieldCondition(
                    QuerySample.Definition.Fields[field].Name, Ordered[random.Next(Ordered.Length)], QuerySample.Value(
                        field, random, mayBeNull: false));
            });
            await Compare(probe, sample, [.. conditions]);
        }
    }

    private static async Task Changed_values(StorageProbe probe)
    {
        await QuerySample.Fill(probe, count: 0);
        await probe.Do(Sample.Write(Sample.Put(QuerySample.Name, "a", "1", "old", 1L, 1m, 1.0, "one")));
        await probe.Do(Sample.Write(Sample.Put(QuerySample.Name, "a", "2", "new", 2L, FieldValue.Null, 2.0, "two")));

        foreach (var (field, old, changed) in new (string, FieldValue, FieldValue)[]
            {
                ("text", "old", "new"),
                ("integer", 1L, 2L),
                ("exact", 1m, FieldValue.Null),
                ("real", 1.0, 2.0),
                ("few", "one", "two"),
            }
        )
        {
            Expect.Equal(
                0,
                await Count(probe, new FieldCondition(field, Comparison.Equal, old)),
                $"documents with the old {field}");
            Expect.Equal(
                1,
                await Count(probe, new FieldCondition(field, Comparison.Equal, changed)),
                $"documents with the new {field}");
        }
    }

    private static async Task Removed_documents(StorageProbe probe)
    {
        await QuerySample.Fill(probe, count: 0);
        await probe.Do(Sample.Write(Sample.Put(QuerySample.Name, "a", "1", "x", 1L, 1m, 1.0, "one")));
        await probe.Do(Sample.Write(new DocumentChange { Collection = QuerySample.Name, Key = "a" }));

        Expect.Equal(
            0, await Count(probe, new FieldCondition("text", Comparison.Equal, "x")), "documents with the text");
        Expect.Equal(0, await probe.Documents.Count(QuerySample.Name, [], probe.Cancel), "documents");
        var page = await probe.Documents.Query(
            new DocumentQuery { Collection = QuerySample.Name, OrderBy = "text" }, probe.Cancel);
        Expect.Equal((0, null), (page.Documents.Count, page.Next), "the page");
    }

    private static async Task Refused_documents(StorageProbe probe)
    {
        await QuerySample.Fill(probe, count: 0);

        await probe.Refuse<VersionConflictException>(new CommitRequest
        {
            Appends = [Sample.To("nobody", ExpectedVersion.StreamExists, Sample.Event(1))],
            Documents = [Sample.Put(QuerySample.Name, "a", "1", "x", 1L, 1m, 1.0, "one")],
        });

        Expect.Equal(0, await probe.Documents.Count(QuerySample.Name, [], probe.Cancel), "documents");
    }

    private static async Task Compare(StorageProbe probe, QuerySample sample, params FieldCondition[] conditions)
    {
        var filterText = string.Join(" and ", conditions.Select(one => $"{one.Field} {one.Comparison} '{one.Value}'"));
        var expected = sample.Model.Keys(new DocumentQuery { Collection = QuerySample.Name, Conditions = conditions });
        var query = new DocumentQuery { Collection = QuerySample.Name, Conditions = conditions, Limit = 1_000 };
        var page = await probe.Documents.Query(query, probe.Cancel);
        Expect.Same(expected, page.Documents.Select(document => document.Key), $"documents with {filterText}");
        Expect.Equal(page.Documents.Count, await Count(probe, conditions), $"the count of documents with {filterText}");
        Expect.Equal(null, page.Next, $"the page after all documents with {filterText}");
    }

    private static async Task<long> Count(StorageProbe probe, params FieldCondition[] conditions) =>
        await probe.Documents.Count(QuerySample.Name, conditions, probe.Cancel);
}
