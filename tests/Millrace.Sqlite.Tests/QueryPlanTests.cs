using Millrace.Sqlite.Documents;
using Millrace.Sqlite.Driver;
using Millrace.Sqlite.Log;
using Millrace.Sqlite.Names;
using Millrace.Storage;

namespace Millrace.Sqlite.Tests;

/// <summary>Tests that SQLite reads by the intended index and does not sort rows that an index orders.</summary>
public sealed class QueryPlanTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public static TheoryData<string, string> Sources => new()
    {
        { nameof(LogSource.Log), "USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)" },
        { nameof(LogSource.Type), "events_by_type (type=? AND rowid>? AND rowid<?)" },
        { nameof(LogSource.Tag), "PRIMARY KEY (tag=? AND position>? AND position<?)" },
        { nameof(LogSource.Correlation), "events_by_correlation (correlation=? AND rowid>? AND rowid<?)" },
        { nameof(LogSource.Source), "events_by_source (source=? AND rowid>? AND rowid<?)" },
        { nameof(LogSource.Stream), "events_by_stream (stream=?)" },
    };

    public void Dispose() => _directory.Dispose();

    [Theory]
    [MemberData(nameof(Sources))]
    public async Task A_source_is_read_by_its_index_in_both_directions(string source, string expected)
    {
        await using var storage = await TestData.Open(_directory["shop.db"]);

        foreach (var isBackwards in (bool[])[false, true])
        {
            var plan = Explain(LogSourceSql.Read(Enum.Parse<LogSource>(source), isBackwards, isWhole: true));

            Assert.Contains(expected, plan, StringComparison.Ordinal);
            Assert.DoesNotContain("TEMP B-TREE", plan, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Documents_are_filtered_and_sorted_by_the_index_of_a_field()
    {
        await using var storage = await TestData.Open(_directory["shop.db"]);
        await storage.Documents.EnsureCollection(
            new CollectionDefinition(
                "people", [new FieldDefinition("name", FieldKind.Text), new FieldDefinition("age", FieldKind.Integer)]),
            TestData.Cancel);

        var equal = Explain(
            "SELECT key, version, position, body, f0 FROM doc_1 WHERE 1 AND f0 IS ?1 ORDER BY f0, key LIMIT 21 OFFSET 0"
        );
        var range = Explain(
            "SELECT key, version, position, body, f1 FROM doc_1 WHERE 1 AND f1 >= ?1 ORDER BY f1 DESC, "
                + "key DESC LIMIT 21 OFFSET 0"
        );

        Assert.Contains("doc_1_f0 (f0=?)", equal, StringComparison.Ordinal);
        Assert.Contains("doc_1_f1 (f1>?)", range, StringComparison.Ordinal);
        Assert.DoesNotContain("TEMP B-TREE", equal + range, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("age")]
    public async Task A_page_after_a_cursor_starts_at_the_cursor(string? field)
    {
        await using var storage = await TestData.Open(_directory["shop.db"]);
        var definition = new CollectionDefinition(
            "people", [new FieldDefinition("name", FieldKind.Text), new FieldDefinition("age", FieldKind.Integer)]);
        await storage.Documents.EnsureCollection(definition, TestData.Cancel);

        foreach (var isDescending in (bool[])[false, true])
        {
            foreach (var value in (FieldValue[])[17L, FieldValue.Null])
            {
                var query = new DocumentQuery
                {
                    Collection = "people",
                    OrderBy = field,
                    IsDescending = isDescending,
                    After = new DocumentCursor(value, "ada"),
                };
                var plan = Explain(DocumentQueries.Page(new Collection(1, definition), query).Sql);

                Assert.DoesNotContain("SCAN doc_1", plan, StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [InlineData(StreamQueries.FindByIdInStream)]
    [InlineData(CommitFacts.FindVersionOfId)]
    public async Task An_id_is_looked_up_in_a_stream_without_reading_the_stream(string sql)
    {
        await using var storage = await TestData.Open(_directory["shop.db"]);

        Assert.Contains("events_by_id (id=?)", Explain(sql), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Of_two_filter_keys_the_index_of_the_rarer_key_is_read(bool isBackwards)
    {
        await using var storage = await TestData.Open(_directory["shop.db"]);
        for (var batch = 0; batch < 12; batch++)
            await storage.Commit(
                TestData.Append(
                    $"order-{batch}",
                    [.. Enumerable.Range(0, 1000).Select(number => Tagged(number % 8 == 0 ? "rare" : "common"))]));
        var names = new NameTable();
        using var connection = Connection.Open(_directory["shop.db"], ConnectionKind.Read, TimeSpan.Zero);
        var filter = new EventFilter { Types = ["rare"], Tags = [new Tag("country", "uk")] };
        var stored = new StoredFilter(connection, filter, names, new StreamTable());

        var plan = LogPlanner.Choose(connection, stored, new LogRange(1, 12_000, isBackwards), limit: 1);

        Assert.Equal(LogSource.Type, plan.Source);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_page_advances_without_a_matching_event(bool isBackwards)
    {
        await using var storage = await TestData.Open(_directory["shop.db"]);
        for (var batch = 0; batch < 15; batch++)
            await storage.Commit(
                TestData.Append(
                    $"order-{batch}", [.. Enumerable.Range(0, 1000).Select(_ => TestData.Event(bytes: 1))]));
        await storage.Commit(
            TestData.Append("rare-1", [.. Enumerable.Range(0, 70).Select(_ => TestData.Event("rare", 1))]));
        for (var stream = 0; stream < 70; stream++)
            await storage.Commit(TestData.Append($"few-{stream}", TestData.Event()));
        var filter = new EventFilter { StreamPrefix = "few-" }; // Too many streams for a read of each stream.

        var page = await storage.Log.ReadLog(
            new LogPageQuery(filter, isBackwards ? long.MaxValue : 1, isBackwards, 71), TestData.Cancel);
        var pages = 1;
        var count = page.Events.Count;
        for (; !page.IsEnd; pages++)
        {
            var next = await storage.Log.ReadLog(new LogPageQuery(filter, page.Next, isBackwards, 71), TestData.Cancel);
            Assert.True(isBackwards ? next.Next < page.Next : next.Next > page.Next);
            (page, count) = (next, count + next.Events.Count);
        }

        Assert.Equal(70, count);
        Assert.Equal(2, pages);
    }

    private static EncodedEvent Tagged(string type)
    {
        var plain = TestData.Event(type, 1);
        return new EncodedEvent
        {
            Id = plain.Id,
            Type = type,
            Payload = plain.Payload,
            Tags = [new Tag("country", "uk")],
        };
    }

    private string Explain(string sql)
    {
        using var connection = Connection.Open(_directory["shop.db"], ConnectionKind.Read, TimeSpan.Zero);
        using var statement = connection.Prepare("EXPLAIN QUERY PLAN " + sql);
        var lines = new List<string>();
        while (statement.Step())
            lines.Add(statement.GetText(3));
        return string.Join('\n', lines);
    }
}
