using Millrace.Shared.Storage;
using Millrace.Sqlite.Documents;
using Millrace.Sqlite.Driver;
using Millrace.Sqlite.Log;
using Millrace.Sqlite.Names;
using Millrace.Storage;

namespace Millrace.Sqlite.Maintenance;

/// <summary>Verifies every guarantee of a store on one snapshot of the whole file.</summary>
internal sealed class StoreVerification(
    Connection connection, NameTable names, StreamTable streams, IProgress<MaintenanceProgress>? progress,
    CancellationToken cancellationToken)
{
    private const string CheckPages = "PRAGMA integrity_check(100)";
    private const string SumRemoved = "SELECT sum(events) FROM removals";
    private const string CheckpointsBeyondEnd =
        "SELECT consumer || ', partition ' || partition || ', is at ' || checkpoint FROM consumers WHERE checkpoint "
            + "> ?1";
    private const string HandledIdsBeyondEnd =
        "SELECT 'Handled id ' || id || ' is at ' || position FROM handled WHERE position > ?1";
    private const string DeadLettersBeyondEnd = """
        SELECT 'Dead letter ' || d.id || ' of ' || d.consumer || ' is at ' || d.position || ', beyond its consumer''s checkpoint '
            || coalesce(c.checkpoint, 0)
        FROM dead_letters d LEFT JOIN consumers c ON c.consumer = d.consumer AND c.partition = d.partition
        WHERE d.position > ?1 OR (d.state <= 3 AND d.position > coalesce(c.checkpoint, 0))
        """;
    private const string CountDeadLetters = "SELECT count(*) FROM dead_letters";
    private const string CountConsumers = "SELECT count(*) FROM consumers";
    private const string CountHandled = "SELECT count(*) FROM handled";

    private readonly List<VerifyCheck> _checks = [];

    public VerifyReport Run()
    {
        connection.Execute("BEGIN");
        Check("The file's pages and indexes are sound.", VerifyPages);
        var log = new LogVerification(connection, names, streams, progress, cancellationToken);
        Check(
            "Every event is in the log, unaltered, in the order of time and under its tags; what is missing was "
                + "removed by record.",
            log.VerifyEvents);
        Check("Every tag leads to an event that carries it.", log.VerifyTags);
        Check("Versions in every stream have no gaps and follow the order of the log.", log.VerifyStreams);
        var last = LogQueries.LastPosition(connection);
        Check(
            "No checkpoint is beyond the end of the log.",
            problems => VerifyNotBeyondEnd(problems, CheckpointsBeyondEnd, CountConsumers, last));
        Check(
            "No handled id is beyond the end of the log.",
            problems => VerifyNotBeyondEnd(problems, HandledIdsBeyondEnd, CountHandled, last));
        Check(
            "No open dead letter is beyond the checkpoint of its consumer.",
            problems => VerifyNotBeyondEnd(problems, DeadLettersBeyondEnd, CountDeadLetters, last));
        Check(
            "No document reflects a position beyond the end of the log, or has a version that was never given.",
            problems => VerifyDocuments(problems, last));
        var removed = connection.Get(SumRemoved).Scalar();
        return new VerifyReport(_checks, removed, Math.Max(0, log.Missing - removed));
    }

    private void Check(string promise, Func<ProblemList, long> examine)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var problems = new ProblemList();
        var examined = 0L;
        try
        {
            examined = examine(problems);
        }
        catch (StorageException failure) when (!cancellationToken.IsCancellationRequested)
        {
            problems.Add($"It cannot be read to its end: {failure.Message}");
        }
        catch (StorageException)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        _checks.Add(new VerifyCheck(promise, examined, problems.Problems));
    }

    private long VerifyPages(ProblemList problems)
    {
        var statement = connection.Get(CheckPages);
        while (statement.Step())
        {
            if (statement.GetText(0) is not "ok" and var problem)
                problems.Add(problem);
        }
        statement.Reset();
        return connection.Get("PRAGMA page_count").Scalar();
    }

    private long VerifyNotBeyondEnd(ProblemList problems, string find, string count, long last)
    {
        var statement = connection.Get(find).Bind(1, last);
        while (statement.Step())
            problems.Add($"{statement.GetText(0)}, but the log ends at {last}.");
        statement.Reset();
        return connection.Get(count).Scalar();
    }

    private long VerifyDocuments(ProblemList problems, long last)
    {
        var examined = 0L;
        var lastVersion = DocumentWriter.Reserved(connection);
        foreach (var collection in Collections.List(connection))
        {
            examined += connection.Get($"SELECT count(*) FROM {collection.Table}").Scalar();
            var find = $"SELECT key, position, version FROM {collection.Table} WHERE position > ?1 OR version > ?2";
            var statement = connection.Get(find).Bind(1, last).Bind(2, lastVersion);
            while (statement.Step())
            {
                var position = statement.GetInt64(1);
                var version = statement.GetInt64(2);
                problems.Add(
                    $"Document '{statement.GetText(0)}' of '{collection.Definition.Name}' is at {position} with "
                        + $"version {version}, "
                    + $"but the log ends at {last} and no version above {lastVersion} was given.");
            }
            statement.Reset();
        }
        return examined;
    }
}
