using Millrace.Sqlite.Connections;
using Millrace.Sqlite.Documents;
using Millrace.Sqlite.Driver;
using Millrace.Sqlite.Log;
using Millrace.Sqlite.Names;
using Millrace.Storage;

namespace Millrace.Sqlite.Tests;

/// <summary>Tests how the storage finds out whether a batch in doubt was committed.</summary>
public sealed class InDoubtCheckTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly NameTable _names = new();
    private readonly Writer _writer;
    private readonly CommitApplier _applier;

    public InDoubtCheckTests()
    {
        _writer = new Writer(new SqliteOptions { Path = _directory["shop.db"] }, TimeProvider.System)
        {
            Committed = _names.Committed,
            RolledBack = _names.RolledBack,
        };
        _writer.Open();
        var (queries, auxiliary) = (new LogQueries(_names, new StreamTable()), new AuxiliaryTables(_names));
        _applier = new CommitApplier(
            _names, new StreamHeadCache(), queries, auxiliary, new DocumentWriter(new Collections()));
    }

    public void Dispose()
    {
        _writer.Dispose();
        _directory.Dispose();
    }

    /// <summary>The requests store answers but no events, so the position of the log cannot tell them apart.</summary>
    [Fact]
    public void An_answer_that_may_have_been_replaced_gives_no_result()
    {
        var first = AttemptOf("first");
        RollBack(first);
        var isFirstWrittenBeforeCommit = IsWritten(first);
        Commit(first);
        var second = AttemptOf("second", replaces: "first");
        RollBack(second);
        var isSecondWrittenBeforeCommit = IsWritten(second);
        Commit(second);

        Assert.Equal((false, false), (isFirstWrittenBeforeCommit, isSecondWrittenBeforeCommit));
        Assert.Equal((null, true), (IsWritten(first), IsWritten(second)));
    }

    /// <summary>A caller without an answer may repeat the request in another process with the same event ids.</summary>
    [Fact]
    public void A_batch_does_not_count_as_committed_if_only_one_request_was_repeated()
    {
        var repeated = TestData.Append("a", ExpectedVersion.NoStream, TestData.Event());
        var batch = AttemptOf(repeated, TestData.Append("b", ExpectedVersion.NoStream, TestData.Event()));
        RollBack(batch);
        Commit(AttemptOf(repeated));

        Assert.False(IsWritten(batch));
    }

    private static Attempt AttemptOf(params CommitRequest[] batch) => new(batch);

    private static Attempt AttemptOf(string answer, string? replaces = null)
    {
        var mark = new HandledMark("scope", "a", Bytes(answer), DateTimeOffset.UtcNow.AddHours(1))
        {
            Replaces = replaces is null ? null : Bytes(replaces),
        };
        return new Attempt([new CommitRequest { Handled = [mark] }]);
    }

    private static byte[] Bytes(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    private CommitOutcome[] Run(Connection connection, Attempt attempt) =>
        attempt.Outcomes = _applier.Run(_writer, connection, attempt.Batch, DateTimeOffset.UtcNow);

    private void Commit(Attempt attempt) => _writer.Write(Run, attempt, isCommitted: null, CancellationToken.None);

    private void RollBack(Attempt attempt) => Assert.Throws<TimeoutException>(() => _writer.Write<Attempt, int>(
        (connection, attempt) =>
        {
            Run(connection, attempt);
            throw new TimeoutException();
        },
        attempt,
        isCommitted: null,
        CancellationToken.None));

    private bool? IsWritten(Attempt attempt) => _writer.Write(
        static (connection, attempt) => InDoubtCheck.IsCommitted(connection, attempt.Batch, attempt.Outcomes),
        attempt,
        isCommitted: null,
        CancellationToken.None);

    /// <summary>A batch with the outcomes of its last execution.</summary>
    private sealed class Attempt(IReadOnlyList<CommitRequest> batch)
    {
        public IReadOnlyList<CommitRequest> Batch { get; } = batch;

        public CommitOutcome[] Outcomes { get; set; } = [];
    }
}
