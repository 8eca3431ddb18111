using Millrace.Sqlite.Documents;
using Millrace.Sqlite.Driver;
using Millrace.Sqlite.Schema;
using Millrace.Storage;

namespace Millrace.Sqlite.Tests;

/// <summary>Of a document that is changed, only the fields are written that have another value.</summary>
public sealed class DocumentFieldTests : IDisposable
{
    private const int Documents = 1_000;
    private const int Texts = 8;
    private static readonly FieldDefinition[] AllKinds =
    [
        new("text", FieldKind.Text),
        new("integer", FieldKind.Integer),
        new("exact", FieldKind.Decimal),
        new("real", FieldKind.Real),
    ];

    // Those beside each other are easily taken for one.
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
    public async Task A_document_is_found_by_what_its_fields_are_now_whatever_they_were()
    {
        var random = new Random(2026);
        await using var storage = await Given.Open(
            _directory["shop.db"], options => options.Synchronous = SqliteSynchronous.Normal);
        await storage.Documents.EnsureCollection(new CollectionDefinition("things", AllKinds), Given.Cancel);
        var now = new FieldValue[4];

        for (var i = 0; i < 500; i++)
        {
            var field = random.Next(AllKinds.Length + 1); // One more for all of them.
            for (var j = 0; j < AllKinds.Length; j++)
            {
                if (field == j || field == AllKinds.Length)
                    now[j] = Values[j][random.Next(Values[j].Length)];
            }
            await Put(storage, "one", [.. now], (byte)i);

            for (var j = 0; j < AllKinds.Length; j++)
            {
                foreach (var value in Values[j])
                {
                    var found = await storage.Documents.Count(
                        "things", [new FieldCondition(AllKinds[j].Name, Comparison.Equal, value)], Given.Cancel);
                    var expected = IsSame(value, now[j]) ? 1 : 0;
                    Assert.True(found == expected, $"{AllKinds[j].Name} is '{now[j]}', and '{value}' finds {found}.");
                }
            }
        }

        Assert.True((await storage.Maintenance.Verify(null, Given.Cancel)).IsSound);
    }

    [Fact]
    public async Task The_indexes_of_fields_that_stay_are_left_alone()
    {
        var fields = Enumerable.Range(0, Texts).Select(i => new FieldDefinition($"f{i}", FieldKind.Text)).ToArray();
        CommitOutcome? last = null;
        await using (
            var storage = await Given.Open(
                _directory["shop.db"], options => options.Synchronous = SqliteSynchronous.Normal))
        {
            await storage.Documents.EnsureCollection(new CollectionDefinition("things", fields), Given.Cancel);
            for (var i = 0; i < Documents; i++)
                last = await Put(storage, $"{i}", TextsOf(i), 0);
        }
        using var connection = StoreFile.Open(new SqliteOptions { Path = _directory["shop.db"] }, TimeProvider.System);

        var none = PagesOf(connection, last!, TextsOf(1));
        var one = PagesOf(connection, last!, [.. TextsOf(1)[..^1], TextsOf(900)[^1]]);
        var all = PagesOf(connection, last!, TextsOf(500));

        Assert.InRange(none, 1, 3); // The document, and the last version of any.
        Assert.InRange(one, none + 1, none + 3);
        Assert.True(all >= none + Texts, $"{all} pages for all fields, {none} for none.");
    }

    private static bool IsSame(FieldValue left, FieldValue right) =>
        left == right || (left.Value is long number && right.Value is double real && number == real)
        || (left.Value is double other && right.Value is long whole && whole == other);

    // In every index somewhere else.
    private static FieldValue[] TextsOf(int document) =>
        [
            .. Enumerable
                .Range(0, Texts)
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
