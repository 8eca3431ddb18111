using Millrace.PostgreSql.Schema;
using Millrace.Storage;
using Millrace.Storage.Moves;
using Npgsql;

namespace Millrace.PostgreSql.Tests;

/// <summary>Tests the outcome of commits whose connection a proxy cuts in the middle.</summary>
public sealed class InDoubtCommitTests : StoreTests
{
    public static TheoryData<bool, Cut> Cuts => new()
    {
        { true, Cut.Before }, { true, Cut.After }, { false, Cut.Before }, { false, Cut.After },
    };

    [PostgreSqlTheory]
    [MemberData(nameof(Cuts))]
    public async Task A_cut_commit_reports_its_outcome(bool isFast, Cut cut)
    {
        await using var proxy = new CuttingProxy((await TestServer.Server).Port);
        await using var storage = await OpenThroughProxy(proxy, isFast);
        await storage.Commit(TestData.Append("a", ExpectedVersion.NoStream, TestData.Event()));
        proxy.CutAt("cut here"u8, cut);

        var (outcome, failure) = await Try(
            storage, TestData.Append("a", ExpectedVersion.Exactly(1), TestData.Event(payload: "cut here")));

        var log = await storage.ReadAll();
        if (cut == Cut.After)
        {
            Assert.Equal((CommitResult.Committed, 2L), (outcome?.Result, outcome?.Position));
            Assert.Equal((2, outcome!.Timestamp), (log.Count, log[1].Timestamp)); // Committed.
        }
        else
        {
            Assert.Equal(StorageProblem.Unavailable, failure?.Problem);
            Assert.Single(log);
        }
        var next = await storage.Commit(TestData.Append("a", ExpectedVersion.Exactly(log.Count), TestData.Event()));
        Assert.Equal(log.Count + 1, next.Position);
    }

    /// <summary>The general path decides independently of the assumptions of the fast path.</summary>
    [PostgreSqlTheory]
    [InlineData(Cut.Before, true)]
    [InlineData(Cut.After, true)]
    [InlineData(Cut.Before, false)]
    [InlineData(Cut.After, false)]
    public async Task A_cut_batch_reports_its_outcome_after_a_fallback_from_the_fast_path(
        Cut cut, bool isAllRefused)
    {
        await using var proxy = new CuttingProxy((await TestServer.Server).Port);
        await using var storage = await OpenThroughProxy(proxy, isFast: true);
        await storage.Commit(TestData.Append("a", ExpectedVersion.NoStream, TestData.Event()));
        await using var other = await TestData.Open(Database);
        await other.Commit(TestData.Append("b", ExpectedVersion.NoStream, TestData.Event()));
        proxy.CutAt("COMMIT"u8, cut);

        var refused = TestData.Append("b", ExpectedVersion.NoStream, TestData.Event());
        var next = TestData.Append("a", ExpectedVersion.Exactly(isAllRefused ? 9 : 1), TestData.Event());
        var committing = storage.Log.Commit([refused, next], DateTimeOffset.UtcNow, CancellationToken.None).AsTask();

        if (cut == Cut.Before && !isAllRefused)
        {
            Assert.Equal(
                StorageProblem.Unavailable, (await Assert.ThrowsAsync<StorageException>(() => committing)).Problem);
            Assert.Equal(2, (await storage.ReadAll()).Count);
            return;
        }
        var outcomes = await committing;
        Assert.Equal(CommitResult.Refused, outcomes[0].Result);
        Assert.Equal(
            isAllRefused ? (CommitResult.Refused, 0) : (CommitResult.Committed, 3L),
            (outcomes[1].Result, outcomes[1].Position));
        Assert.Equal(isAllRefused ? 2 : 3, (await storage.ReadAll()).Count);
    }

    [PostgreSqlFact]
    public async Task A_statement_that_arrives_after_the_node_gave_up_the_commit_writes_nothing()
    {
        await using var proxy = new CuttingProxy((await TestServer.Server).Port);
        await using var storage = await OpenThroughProxy(proxy, isFast: true);
        await storage.Commit(TestData.Append("a", ExpectedVersion.NoStream, TestData.Event()));
        proxy.CutAt("too late"u8, Cut.Late);

        var (_, failure) = await Try(
            storage, TestData.Append("a", ExpectedVersion.Exactly(1), TestData.Event(payload: "too late")));
        await proxy.DeliverLate();

        Assert.Equal(StorageProblem.Unavailable, failure?.Problem);
        Assert.Single(await storage.ReadAll());
        var next = await storage.Commit(TestData.Append("a", ExpectedVersion.Exactly(1), TestData.Event()));
        Assert.Equal(2, next.Position);
    }

    [PostgreSqlFact]
    public async Task A_commit_of_documents_alone_reports_its_outcome()
    {
        await using var proxy = new CuttingProxy((await TestServer.Server).Port);
        await using var storage = await OpenThroughProxy(proxy, isFast: true);
        await storage.Documents.EnsureCollection(new CollectionDefinition("plain@1", []), CancellationToken.None);
        proxy.CutAt("cut here"u8, Cut.After);

        var (outcome, _) = await Try(storage, new CommitRequest
        {
            Documents = [new DocumentChange { Collection = "plain@1", Key = "a", Body = "cut here"u8.ToArray() }],
        });

        var document = await storage.Documents.Get("plain@1", "a", CancellationToken.None);
        Assert.Equal((CommitResult.Committed, document?.Version), (outcome?.Result, outcome?.DocumentVersion));
    }

    /// <summary>Both answers have the same position in the log.</summary>
    [PostgreSqlTheory]
    [InlineData(Cut.Before)]
    [InlineData(Cut.After)]
    public async Task A_commit_that_replaces_an_answer_reports_its_outcome(Cut cut)
    {
        await using var proxy = new CuttingProxy((await TestServer.Server).Port);
        await using var storage = await OpenThroughProxy(proxy, isFast: true);
        var first = new HandledMark("scope", "a", "first"u8.ToArray(), DateTimeOffset.UtcNow.AddHours(1));
        await storage.Commit(new CommitRequest { Handled = [first] });
        proxy.CutAt("cut here"u8, cut);

        var (outcome, failure) = await Try(storage, new CommitRequest
        {
            Handled = [first with { Answer = "cut here"u8.ToArray(), Replaces = first.Answer }],
        });

        var stored = await storage.Log.FindHandled("scope", "a", CancellationToken.None);
        Assert.Equal(cut == Cut.After ? "cut here"u8 : "first"u8, stored!.Answer.Span);
        if (cut == Cut.After)
            Assert.Equal(CommitResult.Committed, outcome?.Result);
        else
            Assert.Equal(StorageProblem.Unavailable, failure?.Problem);
    }

    /// <summary>
    /// A commit with a cut connection finds the answer of another commit, and therefore checks its other writes.
    /// </summary>
    [PostgreSqlFact]
    public async Task A_cut_batch_counts_as_written_although_another_node_has_replaced_its_answer()
    {
        await using var other = await TestData.Open(Database);
        await using var proxy = new CuttingProxy((await TestServer.Server).Port);
        await using var storage = await OpenThroughProxy(proxy, isFast: true);
        await storage.Commit(TestData.Append("a", ExpectedVersion.NoStream, TestData.Event()));
        var mark = new HandledMark("scope", "a", "cut here"u8.ToArray(), DateTimeOffset.UtcNow.AddHours(1));
        CommitOutcome? others = null;
        proxy.CutAt("cut here"u8, Cut.After, meanwhile: async () => others = await other.Commit(
            new CommitRequest { Handled = [mark with { Answer = "other"u8.ToArray(), Replaces = mark.Answer }] }));

        var outcomes = await storage.Log.Commit(
            [new CommitRequest { Handled = [mark] }, TestData.Append(
                "a", ExpectedVersion.Exactly(1), TestData.Event())],
            DateTimeOffset.UtcNow,
            CancellationToken.None);

        Assert.Equal([CommitResult.Committed, CommitResult.Committed], outcomes.Select(outcome => outcome.Result));
        Assert.Equal(CommitResult.Committed, others?.Result);
        Assert.Equal(2, (await storage.ReadAll()).Count);
    }

    /// <summary>
    /// Both nodes have handled a copy of the same message, and store identical bytes at the same position.
    /// </summary>
    [PostgreSqlTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_cut_batch_does_not_count_as_written_when_another_node_has_written_one_of_its_handled_ids(
        bool hasEvents)
    {
        await using var other = await TestData.Open(Database);
        await using var proxy = new CuttingProxy((await TestServer.Server).Port);
        await using var storage = await OpenThroughProxyWithShortHold(proxy, isFast: true);
        await storage.Commit(TestData.Append("a", ExpectedVersion.NoStream, TestData.Event()));
        var mark = new HandledMark("scope", "a", "cut here"u8.ToArray(), DateTimeOffset.UtcNow.AddHours(1));
        var second = hasEvents
            ? TestData.Append("a", ExpectedVersion.Exactly(1), TestData.Event())
            : new CommitRequest { Handled = [mark with { Id = "b" }] };
        CommitOutcome? others = null;
        proxy.CutAt(
            "cut here"u8,
            Cut.Before,
            meanwhile: async () => others = await other.Commit(new CommitRequest { Handled = [mark] }));

        var failure = await Assert.ThrowsAsync<StorageException>(() => storage.Log.Commit(
            [new CommitRequest { Handled = [mark] }, second], DateTimeOffset.UtcNow, CancellationToken.None).AsTask());

        Assert.Equal(CommitResult.Committed, others?.Result);
        Assert.Equal((StorageProblem.Unavailable, false), (failure.Problem, failure.IsInDoubt));
        Assert.Single(await storage.ReadAll());
    }

    /// <summary>A caller that received no answer repeats the request on another node with the same event ids.</summary>
    [PostgreSqlTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_cut_batch_does_not_count_as_written_when_another_node_has_written_one_of_its_requests(
        bool isFast)
    {
        await using var other = await TestData.Open(Database);
        await using var proxy = new CuttingProxy((await TestServer.Server).Port);
        await using var storage = await OpenThroughProxyWithShortHold(proxy, isFast);
        await storage.Commit(TestData.Append("a", ExpectedVersion.NoStream, TestData.Event()));
        var repeated = TestData.Append("a", ExpectedVersion.Exactly(1), TestData.Event(payload: "cut here"));
        proxy.CutAt("cut here"u8, Cut.Before, meanwhile: async () => await other.Commit(repeated));

        var failure = await Assert.ThrowsAsync<StorageException>(() => storage.Log.Commit(
            [repeated, TestData.Append("b", ExpectedVersion.NoStream, TestData.Event())],
            DateTimeOffset.UtcNow,
            CancellationToken.None).AsTask());

        Assert.Equal((StorageProblem.Unavailable, false), (failure.Problem, failure.IsInDoubt));
        Assert.Equal(2, (await storage.ReadAll()).Count);
    }

    /// <summary>
    /// The events of one request in the log do not prove that the batch also committed a request without events.
    /// </summary>
    [PostgreSqlFact]
    public async Task A_cut_batch_with_a_document_does_not_count_as_written_when_another_node_has_written_its_events()
    {
        await using var other = await TestData.Open(Database);
        await using var proxy = new CuttingProxy((await TestServer.Server).Port);
        await using var storage = await OpenThroughProxyWithShortHold(proxy, isFast: true);
        await storage.Documents.EnsureCollection(new CollectionDefinition("plain@1", []), CancellationToken.None);
        await storage.Commit(TestData.Append("a", ExpectedVersion.NoStream, TestData.Event()));
        var repeated = TestData.Append("a", ExpectedVersion.Exactly(1), TestData.Event(payload: "cut here"));
        proxy.CutAt("cut here"u8, Cut.Before, meanwhile: async () => await other.Commit(repeated));

        var failure = await Assert.ThrowsAsync<StorageException>(() =>
            storage
                .Log.Commit(
                    [
                        repeated,
                        new CommitRequest
                        {
                            Documents =
                            [
                                new DocumentChange
                                {
                                    Collection = "plain@1",
                                    Key = "a",
                                    Body = "{}"u8.ToArray(),
                                },
                            ],
                        },
                    ],
                    DateTimeOffset.UtcNow,
                    CancellationToken.None)
                .AsTask());

        Assert.Equal((StorageProblem.Unavailable, false), (failure.Problem, failure.IsInDoubt));
        Assert.Null(await storage.Documents.Get("plain@1", "a", CancellationToken.None));
        Assert.Equal(2, (await storage.ReadAll()).Count);
    }

    /// <summary>Another node removes the first event of the batch from the stream before the check.</summary>
    [PostgreSqlTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_cut_batch_counts_as_written_although_another_node_has_truncated_its_stream(
        bool isFast)
    {
        await using var other = await TestData.Open(Database);
        await using var proxy = new CuttingProxy((await TestServer.Server).Port);
        await using var storage = await OpenThroughProxy(proxy, isFast);
        await storage.Commit(TestData.Append("a", ExpectedVersion.NoStream, TestData.Event()));
        var truncation = new StreamRemoval(
            new StreamId("a"), RemovalKind.Truncate, 3, ExpectedVersion.Any, "why", null);
        proxy.CutAt(
            "cut here"u8,
            Cut.After,
            meanwhile: async () => await other.Commit(new CommitRequest { Removals = [truncation] }));

        var outcomes = await storage.Log.Commit(
            [
                TestData.Append("a", ExpectedVersion.Exactly(1), TestData.Event(payload: "cut here"), TestData.Event()),
                TestData.Append("b", ExpectedVersion.NoStream, TestData.Event()),
            ],
            DateTimeOffset.UtcNow,
            CancellationToken.None);

        Assert.Equal(
            [CommitResult.Committed, CommitResult.Committed],
            outcomes.Select(static outcome => outcome.Result));
        Assert.Equal([3L, 4L], (await storage.ReadAll()).Select(static recorded => recorded.Position));
    }

    /// <summary>The store reports the stored position, and not the position that the node intended.</summary>
    [PostgreSqlTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_cut_commit_does_not_report_the_position_of_another_event(bool isFast)
    {
        await using var other = await TestData.Open(Database);
        await using var proxy = new CuttingProxy((await TestServer.Server).Port);
        await using var storage = await OpenThroughProxyWithShortHold(proxy, isFast);
        await storage.Commit(TestData.Append("a", ExpectedVersion.NoStream, TestData.Event()));
        var repeated = TestData.Append("a", ExpectedVersion.Exactly(1), TestData.Event(payload: "cut here"));
        proxy.CutAt("cut here"u8, Cut.Before, meanwhile: async () =>
        {
            await other.Commit(TestData.Append("b", ExpectedVersion.NoStream, TestData.Event()));
            await other.Commit(repeated);
        });

        var (outcome, failure) = await Try(storage, repeated);

        var log = await storage.ReadAll();
        Assert.Equal((3, repeated.Appends[0].Events[0].Id), (log.Count, log[2].Id));
        Assert.Equal(
            isFast ? (3L, null) : (0L, (StorageProblem?)StorageProblem.Unavailable),
            (outcome?.Position ?? 0, failure?.Problem));
    }

    [PostgreSqlFact]
    public async Task A_node_that_freezes_under_the_lock_delays_other_nodes_only_briefly()
    {
        await using var storage = await TestData.Open(Database);
        var server = await TestServer.Server;
        await using var frozen = new NpgsqlConnection(server.ConnectionString(Database) + ";Pooling=false");
        await frozen.OpenAsync();
        var (lockClass, key) = new Tables("millrace", "millrace_documents").LogLock;
        // The statements start a commit as a node does, and the node then sends nothing more.
        var begin =
            "BEGIN; SET LOCAL idle_in_transaction_session_timeout = 300; SELECT "
                + $"pg_advisory_xact_lock({lockClass}, {key})";
        await using var command = new NpgsqlCommand(begin, frozen);
        await command.ExecuteNonQueryAsync();

        var outcome = await storage.Commit(TestData.Append("a", ExpectedVersion.NoStream, TestData.Event()));

        Assert.Equal(1, outcome.Position);
    }

    private static async Task<(CommitOutcome? Outcome, StorageException? Failure)> Try(
        PostgreSqlStorage storage, CommitRequest request)
    {
        try
        {
            return (await storage.Commit(request), null);
        }
        catch (StorageException failure)
        {
            return (null, failure);
        }
    }

    /// <summary>Otherwise, a node that follows a moved store would write the copied events again.</summary>
    [PostgreSqlTheory]
    [InlineData(Cut.After)]
    [InlineData(Cut.Before)]
    public async Task A_cut_commit_of_a_moved_store_reports_its_outcome(Cut cut)
    {
        await using var mover = await TestData.Open(Database);
        await using var proxy = new CuttingProxy((await TestServer.Server).Port);
        await using var storage = await OpenThroughProxy(proxy, isFast: true);
        await storage.Commit(TestData.Append("a", ExpectedVersion.NoStream, TestData.Event()));
        var moves = ((IMovableStorage)mover).Moves;
        await moves.StartSource("elsewhere", CancellationToken.None);
        try
        {
            proxy.CutAt("cut here"u8, cut, meanwhile: () => Set("moved"));

            var (outcome, failure) = await Try(
                storage, TestData.Append("a", ExpectedVersion.Any, TestData.Event(payload: "cut here")));

            Assert.Equal(
                cut == Cut.After ? (2L, null) : (0L, (StorageProblem?)StorageProblem.Moved),
                (outcome?.Position ?? 0, failure?.Problem));
            Assert.Equal(cut == Cut.After ? 2 : 1, (await mover.ReadAll()).Count);
        }
        finally
        {
            await moves.End(CancellationToken.None);
        }
    }

    private async Task Set(string role) =>
        await (await TestServer.Server).Execute($"UPDATE millrace.move SET role = '{role}'", Database);

    /// <summary>
    /// Opens a store whose sessions end soon, because the other node waits for the lock of the log until then.
    /// </summary>
    private async Task<PostgreSqlStorage> OpenThroughProxyWithShortHold(CuttingProxy proxy, bool isFast)
    {
        var storage = await TestData.OpenThroughProxy(
            proxy, Database, options => options.HoldTimeout = TimeSpan.FromSeconds(3));
        storage.OptimisticCommits.IsEnabled = isFast;
        return storage;
    }

    private async Task<PostgreSqlStorage> OpenThroughProxy(CuttingProxy proxy, bool isFast)
    {
        var storage = await TestData.OpenThroughProxy(proxy, Database);
        storage.OptimisticCommits.IsEnabled = isFast;
        return storage;
    }
}
