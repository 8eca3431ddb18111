using System.Globalization;
using Millrace.Storage;

namespace Millrace.Sqlite.Tests;

/// <summary>Tests the limits and the cancellation of trials of an index on a copy of the documents.</summary>
public sealed class IndexTrialTests : IDisposable
{
    private static readonly CollectionDefinition Definition = new(
        "people@1", [new FieldDefinition("name", FieldKind.Text), new FieldDefinition("age", FieldKind.Integer)]);

    private static readonly DocumentIndex Index = new("idx_people_name_age", ["name", "age"]);

    private static readonly DocumentQuery Query = new()
    {
        Collection = Definition.Name,
        Conditions = [new FieldCondition("age", Comparison.Equal, 7)],
        OrderBy = "name",
        Limit = 10,
    };

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_copy_of_documents_with_long_texts_has_a_limit_of_bytes()
    {
        await using var storage = await Open(400, new string('x', 100_000)); // 40 MB.

        var trial = await storage.Planner.Indexes!.Try(Query, isCount: false, Index, TestData.Cancel);

        var copied = int.Parse(trial.Method.Split(' ')[3], NumberStyles.AllowThousands, CultureInfo.InvariantCulture);
        Assert.InRange(copied, 300, 350); // 32 MiB.
        Assert.EndsWith(" of 400 documents", trial.Method, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_trial_that_is_cancelled_at_any_time_reports_the_cancellation()
    {
        await using var storage = await Open(2_000, "x");
        var isCompleted = false;
        for (var milliseconds = 0; !isCompleted && milliseconds < 200; milliseconds += 1 + (milliseconds / 2))
        {
            using var cancellation = new CancellationTokenSource(TimeSpan.FromMilliseconds(milliseconds));
            try
            {
                await storage.Planner.Indexes!.Try(Query, isCount: false, Index, cancellation.Token);
                isCompleted = true;
            }
            catch (OperationCanceledException)
            {
                Assert.True(cancellation.IsCancellationRequested);
            }
        }

        await storage.Planner.Indexes!.Try(Query, isCount: false, Index, TestData.Cancel);
    }

    private async Task<SqliteStorage> Open(int count, string name)
    {
        var storage = await TestData.Open(_directory["shop.db"]);
        await storage.Documents.EnsureCollection(Definition, TestData.Cancel);
        foreach (var keys in Enumerable.Range(0, count).Chunk(100))
        {
            await storage.Log.Commit(
                [
                    new CommitRequest
                    {
                        Documents =
                        [
                            .. keys.Select(key => new DocumentChange
                            {
                                Collection = Definition.Name,
                                Key = $"{key:D5}",
                                Body = "{}"u8.ToArray(),
                                Fields = [$"{key}{name}", (long)(key % 10)],
                            }),
                        ],
                    },
                ],
                DateTimeOffset.UnixEpoch,
                TestData.Cancel);
        }
        return storage;
    }
}
