using Millrace.Sqlite.Documents;
using Millrace.Sqlite.Driver;
using Millrace.Sqlite.Schema;
using Millrace.Storage;

namespace Millrace.Sqlite.Tests;

/// <summary>Tests that a changed document writes only the indexes of changed fields.</summary>
public sealed class DocumentFieldTests : IDisposable
{
    private const int Documents = 1_000;
    private const int TextFields = 8;
    private static readonly FieldDefinition[] AllKinds =
    [
        new("text", FieldKind.Text),
        new("integer", FieldKind.Integer),
        new("exact", FieldKind.Decimal),
        new("real", FieldKind.Real),
    ];

    // Adjacent values are easily confused.
    private static readonly FieldValue[][] Values =
    [
        [FieldValue.Null, "", "a", "A", "a\0", "\uD83D\uDE00", "\uD83D", new string('é', 300), new string('é', 299)],
        [FieldValue.Null, 0, 1, -1, long.MaxValue, long.MinValue],
        [FieldValue.Null, 0m, 1m, 1.5m, -1.5m, 79_228_162_514_264_337_593_543_950_335m],
        [FieldValue.Null, 0.0, 1.0, 1.5, 1, 2, double.MaxValue, double.PositiveInfinity],
    ];

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_document_is_found_by_its_current_field_values_only()
    {
        var random = new Random(2026);
        await using var storage = await TestData.Open(
            _directory["shop.db"], options => options.Synchronous = SqliteSynchronous.Normal);
        await storage.Documents.EnsureCollection(new CollectionDefinition("things", AllKinds), TestData.Cancel);
        var current = new FieldValue[4];

        for (var i = 0; i < 500; i++)
        {
            var field = random.Next(AllKinds.Length + 1); // The last number changes all fields.
            for (var j = 0; j < AllKinds.Length; j++)
            {
                if (field == j || field == AllKinds.Length)
                    current[j] = Values[j][random.Next(Values[j].Length)];
            }
            await Put(storage, "one", [.. current], (byte)i);

            for (var j = 0; j < AllKinds.Length; j++)
            {
                foreach (var value in Values[j])
                {
                    var count = await storage.Documents.Count(
                        "things", [new FieldCondition(AllKinds[j].Name, Comparison.Equal, value)], TestData.Cancel);
                    var expected = IsSame(value, current[j]) ? 1 : 0;
                    Assert.True(
                        count == expected, $"{AllKinds[j].Name} is '{current[j]}', and '{value}' finds {count}.");
                }
            }
        }

        Assert.True((await storage.Maintenance.Verify(null, TestData.Cancel)).IsSound);
    }

    [Fact]
    public async Task Indexes_of_unchanged_fields_are_not_written()
    {
        var fields = Enumerable
            .Range(0, TextFields)
            .Select(i => new FieldDefinition($"f{i}", FieldKind.Text))
            .ToArray();
        CommitOutcome? last = null;
        await using (
            var storage = await TestData.Open(
                _directory["shop.db"], options => options.Synchronous = SqliteSynchronous.Normal))
        {
            await storage.Documents.EnsureCollection(new CollectionDefinition("things", fields), TestData.Cancel);
            for (var i = 0; i < Documents; i++)
                last = await Put(storage, $"{i}", TextsOf(i), 0);
        }
        using var connection = StoreFile.Open(new SqliteOptions { Path = _directory["shop.db"] }, TimeProvider.System);

        var pagesForNone = PagesOf(connection, last!, TextsOf(1));
        var pagesForOne = PagesOf(connection, last!, [.. TextsOf(1)[..^1], TextsOf(900)[^1]]);
        var pagesForAll = PagesOf(connection, last!, TextsOf(500));

        Assert.InRange(pagesForNone, 1, 3); // The pages of the document and of the last version.
        Assert.InRange(pagesForOne, pagesForNone + 1, pagesForNone + 3);
        Assert.True(
            pagesForAll >= pagesForNone + TextFields, $"{pagesForAll} pages for all fields, {pagesForNone} for none.");
    }

    private static bool IsSame(FieldValue left, FieldValue right) =>
        left == right || (left.Value is long number && right.Value is double real && number == real)
        || (left.Value is double other && right.Value is long whole && whole == other);

    // Each document has another position in every index.
    private static FieldValue[] TextsOf(int document) =>
        [
            .. Enumerable
                .Range(0, TextFields)
                .Select(field => (FieldValue)$"{document * (field + 7) % Documents:0000}{new string('x', 60)}"),
        ];

    private static int PagesOf(Connection connection, CommitOutcome outcome, FieldValue[] fields)
    {
        var writer = new DocumentWriter(new Collections());
        connection.TakePagesWritten();
        connection.Get("BEGIN IMMEDIATE").Run();
        writer.StartTransaction(isAlone: false);
        writer.Write(connection, Change("1", fields, 1), outcome);
        writer.End(connection);
        connection.Get("COMMIT").Run();
        return connection.TakePagesWritten();
    }

    private static DocumentChange Change(string key, FieldValue[] fields, byte body) =>
        new() { Collection = "things", Key = key, Body = new[] { body }, Fields = fields };

    private static async Task<CommitOutcome> Put(SqliteStorage storage, string key, FieldValue[] fields, byte body)
    {
        var outcome = await storage.Commit(new CommitRequest { Documents = [Change(key, fields, body)] });
        Assert.Null(outcome.Refusal);
        return outcome;
    }
}
