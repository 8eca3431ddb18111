using Millrace.Shared.Storage;
using Millrace.Sqlite.Driver;
using Millrace.Sqlite.Log;
using Millrace.Sqlite.Names;
using Millrace.Storage;

namespace Millrace.Sqlite.Maintenance;

/// <summary>Verifies the log event by event and stream by stream.</summary>
internal sealed class LogVerification(
    Connection connection, NameTable names, StreamTable streams, IProgress<MaintenanceProgress>? progress,
    CancellationToken cancellationToken)
{
    private const int ReportEvery = 10_000;
    private const string ReadEvents = """
        SELECT position, stream, version, timestamp, id, checksum, payload, metadata, tags, type, content_type FROM events ORDER BY position
        """;
    private const string FindTag = "SELECT count(*) FROM event_tags WHERE tag = ?1 AND position = ?2";
    private const string CountTags = "SELECT count(*) FROM event_tags";
    private const string ReadVersions =
        "SELECT stream, version, position FROM events INDEXED BY events_by_stream ORDER BY stream, version";
    private const string SumRemoved = "SELECT sum(events) FROM removals";
    private const string FindRemovedTo = "SELECT max(to_version) FROM removals WHERE stream = ?1 AND kind <> ?2";
    private const string FindStreamState = "SELECT first_version, state FROM streams WHERE id = ?1";
    private const string FindEmptyStreams =
        "SELECT name FROM streams WHERE NOT EXISTS (SELECT 1 FROM events WHERE stream = streams.id) LIMIT 100";

    private long _tags;

    /// <summary>The number of positions without an event.</summary>
    public long Missing { get; private set; }

    public long VerifyEvents(ProblemList problems)
    {
        var last = LogQueries.LastPosition(connection);
        var examined = 0L;
        var previousPosition = 0L;
        var latestTime = long.MinValue;
        var statement = connection.Get(ReadEvents);
        while (statement.Step())
        {
            var position = statement.GetInt64(0);
            Missing += position - previousPosition - 1;
            if (statement.GetInt64(3) < latestTime)
                problems.Add($"The event at position {position} is older than the one before it.");
            VerifyEvent(statement, position, problems);
            previousPosition = position;
            latestTime = Math.Max(latestTime, statement.GetInt64(3));
            if (++examined % ReportEvery == 0)
                Report(position, last);
        }
        statement.Reset();
        Report(last, last);
        var removed = connection.Get(SumRemoved).Scalar();
        if (removed != Missing)
            problems.Add($"{Missing} events are missing, but {removed} removals are recorded.");
        return examined;
    }

    public long VerifyTags(ProblemList problems)
    {
        var stored = connection.Get(CountTags).Scalar();
        if (stored != _tags)
            problems.Add($"The index of tags has {stored} entries, but the events have {_tags}.");
        return stored;
    }

    public long VerifyStreams(ProblemList problems)
    {
        var examined = 0L;
        var stream = 0L;
        var version = 0L;
        var position = 0L;
        var statement = connection.Get(ReadVersions);
        while (statement.Step())
        {
            if (statement.GetInt64(0) != stream)
            {
                VerifyEnd(stream, version, problems);
                stream = statement.GetInt64(0);
                version = RemovedTo(stream);
                position = 0;
                examined++;
            }
            VerifyVersion(statement, version, position, problems);
            version = statement.GetInt64(1);
            position = statement.GetInt64(2);
        }
        statement.Reset();
        VerifyEnd(stream, version, problems);
        var empty = connection.Get(FindEmptyStreams);
        while (empty.Step())
            problems.Add($"Stream '{empty.GetText(0)}' has no event: its last event is lost.");
        empty.Reset();
        return examined;
    }

    private void VerifyEvent(Statement row, long position, ProblemList problems)
    {
        var id = row.GetBytes(4);
        var sum =
            id.Length != 16
                ? -1
                : EventChecksum.Compute(
                    row.GetInt64(1),
                    row.GetInt64(2),
                    position,
                    row.GetInt64(3),
                    new Guid(id, bigEndian: true),
                    row.GetBytes(6),
                    row.GetBytes(7));
        if (sum != row.GetInt64(5))
            problems.Add($"The event at position {position} was altered: its checksum does not match.");
        VerifyName(row.GetInt64(9), position, "type", problems);
        VerifyName(row.GetInt64(10), position, "content type", problems);
        foreach (var tag in StoredTags.Split(connection, row.GetBytes(8)).Distinct())
        {
            _tags++;
            if (connection.Get(FindTag).Bind(1, tag.ToString()).Bind(2, position).Scalar() != 1)
                problems.Add($"The event at position {position} is not found by its tag '{tag}'.");
        }
    }

    private void VerifyName(long number, long position, string part, ProblemList problems)
    {
        try
        {
            names.Get(connection, number);
        }
        catch (StorageException)
        {
            problems.Add($"The {part} of the event at position {position} is lost.");
        }
    }

    private void VerifyVersion(Statement row, long previousVersion, long previousPosition, ProblemList problems)
    {
        var stream = row.GetInt64(0);
        var version = row.GetInt64(1);
        if (version != previousVersion + 1)
        {
            problems.Add(version == previousVersion + 2
                ? $"Version {previousVersion + 1} of stream {NameOf(stream)} is lost."
                : $"Versions {previousVersion + 1} to {version - 1} of stream {NameOf(stream)} are lost.");
        }
        if (row.GetInt64(2) <= previousPosition)
            problems.Add($"Version {version} of stream {NameOf(stream)} is before its previous version in the log.");
    }

    /// <summary>Compares the stream's stored bounds with its last event.</summary>
    private void VerifyEnd(long stream, long version, ProblemList problems)
    {
        if (stream == 0)
            return;
        var statement = connection.Get(FindStreamState).Bind(1, stream);
        if (!statement.Step())
            problems.Add($"The name of stream {stream}, which has {version} versions, is lost.");
        else
            VerifyState(stream, version, statement.GetInt64(0), (StreamState)statement.GetInt64(1), problems);
        statement.Reset();
    }

    private void VerifyState(long stream, long version, long first, StreamState state, ProblemList problems)
    {
        if (!IsPossible(first, state, version))
            problems.Add(
                $"Stream {NameOf(stream)} ends at version {version}, but its stored first version is {first} "
                    + $"and its state is {state}.");
    }

    private static bool IsPossible(long first, StreamState state, long version) =>
        state == StreamState.Open ? first >= 1 && first <= version : first == version + 1;

    private long RemovedTo(long stream) =>
        connection.Get(FindRemovedTo).Bind(1, stream).Bind(2, (int)RemovalKind.Delete).Scalar();

    private string NameOf(long stream)
    {
        try
        {
            return $"'{streams.Get(connection, stream)}'";
        }
        catch (StorageException)
        {
            return $"number {stream}";
        }
    }

    private void Report(long done, long total)
    {
        cancellationToken.ThrowIfCancellationRequested();
        progress?.Report(new MaintenanceProgress(done, total, "events"));
    }
}
