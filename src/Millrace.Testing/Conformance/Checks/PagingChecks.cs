using Millrace.Storage;

namespace Millrace.Testing.Conformance.Checks;

/// <summary>Contains checks of sorted documents that are read page by page.</summary>
internal static class PagingChecks
{
    public static IReadOnlyList<ConformanceCheck> All { get; } =
    [
        new("Documents are sorted by key when the query names no field", probe => Sorted_by(probe, null)),
        new("Documents are sorted by a text, nulls first, then by key", probe => Sorted_by(probe, "text")),
        new("Documents are sorted by a whole number, nulls first, then by key", probe => Sorted_by(probe, "integer")),
        new("Documents are sorted by a decimal, nulls first, then by key", probe => Sorted_by(probe, "exact")),
        new(
            "Documents are sorted by a floating-point number, nulls first, then by key",
            probe => Sorted_by(probe, "real")),
        new(
            "Many documents with the same value are paged without gaps or duplicates",
            probe => Sorted_by(probe, "few")),
        new("A page has the requested number of documents, or 20 by default", The_limit),
        new("A query skips the requested number of documents", Skipped),
        new("The next page continues correctly while documents are added and removed", Changed_between_pages),
        new("The pages of a filtered and sorted query contain its whole result", Filtered_pages),
    ];

    private static async Task Sorted_by(StorageProbe probe, string? field)
    {
        var sample = await QuerySample.Fill(probe);
        foreach (var isDescending in new[] { false, true })
        {
            foreach (var limit in new[] { 1, 2, 7, 149, 150, 151 })
            {
                var query = new DocumentQuery
                {
                    Collection = QuerySample.Name,
                    OrderBy = field,
                    IsDescending = isDescending,
                    Limit = limit,
                };
                await Compare(probe, sample, query);
            }
        }
    }

    private static async Task The_limit(StorageProbe probe)
    {
        await QuerySample.Fill(probe);

        foreach (var limit in new[] { 1, 3, 149, 150, 1_000 })
        {
            var page = await probe.Documents.Query(
                new DocumentQuery { Collection = QuerySample.Name, Limit = limit }, probe.Cancel);
            Expect.Equal(Math.Min(limit, 150), page.Documents.Count, $"documents of a page of {limit}");
            Expect.Equal(limit < 150, page.Next is not null, $"whether another page follows a page of {limit}");
        }
        var usual = await probe.Documents.Query(new DocumentQuery { Collection = QuerySample.Name }, probe.Cancel);
        Expect.Equal(20, usual.Documents.Count, "documents of a page without a limit");
    }

    private static async Task Skipped(StorageProbe probe)
    {
        var sample = await QuerySample.Fill(probe);
        var query = new DocumentQuery { Collection = QuerySample.Name, OrderBy = "exact", Limit = 40 };
        var expected = sample.Model.Keys(query).ToList();
        foreach (var skip in new[] { 0, 1, 40, 120, 150, 500 })
        {
            var page = await probe.Documents.Query(query with { Skip = skip }, probe.Cancel);
            Expect.Same(
                expected.Skip(skip).Take(40),
                page.Documents.Select(document => document.Key),
                $"the page after {skip}");
        }
    }

    private static async Task Changed_between_pages(StorageProbe probe)
    {
        await QuerySample.Fill(probe, count: 0);
        await probe.Do(Sample.Write([.. Enumerable.Range(10, 20).Select(number => At($"{number}", number))]));
        var query = new DocumentQuery { Collection = QuerySample.Name, OrderBy = "integer", Limit = 5 };
        var first = await probe.Documents.Query(query, probe.Cancel);

        await probe.Do(
            Sample.Write(
                At("early", 3), At("late", 100), new DocumentChange { Collection = QuerySample.Name, Key = "14" }));
        var second = await probe.Documents.Query(query with { After = first.Next }, probe.Cancel);

        Expect.Same(["10", "11", "12", "13", "14"], first.Documents.Select(document => document.Key), "the first page");
        Expect.Same(
            ["15", "16", "17", "18", "19"],
            second.Documents.Select(document => document.Key),
            "the second page");
    }

    private static async Task Filtered_pages(StorageProbe probe)
    {
        var sample = await QuerySample.Fill(probe);
        foreach (var field in new[] { "text", "exact", "few", null })
        {
            await Compare(
                probe,
                sample,
                new DocumentQuery
                {
                    Collection = QuerySample.Name,
                    Conditions =
                    [
                        new FieldCondition("integer", Comparison.GreaterOrEqual, 0L),
                        new FieldCondition("few", Comparison.NotEqual, "one"),
                    ],
                    OrderBy = field,
                    IsDescending = field != "text",
                    Limit = 4,
                }
            );
        }
    }

    private static DocumentChange At(string key, long number) =>
        Sample.Put(
            QuerySample.Name, key, key, FieldValue.Null, number, FieldValue.Null, FieldValue.Null, FieldValue.Null);

    private static async Task Compare(StorageProbe probe, QuerySample sample, DocumentQuery query)
    {
        var expected = sample.Model.Keys(query).ToList();
        var actual = new List<string>();
        for (var next = query; ;)
        {
            var page = await probe.Documents.Query(next, probe.Cancel);
            Expect.True(
                page.Documents.Count <= query.Limit,
                $"a page of at most {query.Limit} documents has {page.Documents.Count}");
            actual.AddRange(page.Documents.Select(document => document.Key));
            if (page.Next is not { } cursor)
                break;
            Expect.True(page.Documents.Count > 0 && actual.Count <= expected.Count, "the pages do not end");
            next = query with { After = cursor };
        }
        Expect.Same(
            expected,
            actual,
            $"all pages by {query.OrderBy ?? "key"}{(query.IsDescending ? " descending" : "")} of {query.Limit}");
    }
}
