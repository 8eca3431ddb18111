namespace Millrace.Storage.InMemory;

/// <summary>
/// Verifies all guarantees of the store on the data in memory. The caller must hold the lock of the storage.
/// </summary>
internal sealed class InMemoryVerification(InMemoryData data)
{
    private const int MaxProblems = 100;

    public VerifyReport Run()
    {
        var removed = data.Removals.Sum(removal => removal.Events);
        var missing = data.Events.LastPosition - data.Events.Count;
        VerifyCheck[] checks =
        [
            CheckPositions(removed, missing),
            CheckTimes(),
            CheckStreams(),
            CheckCheckpoints(),
            CheckDocuments(),
            CheckDeadLetters(),
        ];
        return new VerifyReport(checks, removed, missing - removed);
    }

    private static VerifyCheck CreateCheck(string guarantee, long examined, IEnumerable<string> problems) =>
        new(guarantee, examined, [.. problems.Take(MaxProblems)]);

    private VerifyCheck CheckPositions(long removed, long missing) => CreateCheck(
        "Positions have no gaps except for recorded removals.",
        data.Events.LastPosition,
        missing == removed ? [] : [$"{missing} events are missing, but {removed} removals are recorded."]);

    private VerifyCheck CheckTimes() =>
        CreateCheck("Recorded times never decrease.", data.Events.LastPosition, TimeProblems());

    private VerifyCheck CheckStreams() => CreateCheck(
        "Versions in a stream have no gaps and are in the order of the log.",
        data.Streams.Count,
        StreamProblems());

    private VerifyCheck CheckCheckpoints() =>
        CreateCheck(
            "No checkpoint is beyond the end of the log.",
            data.Consumers.All.Count,
            data.Consumers.All.Where(record => record.Checkpoint > data.Events.LastPosition)
                .Select(record =>
                    $"Consumer '{record.Consumer}', partition {record.Partition}, is at {record.Checkpoint}."));

    private VerifyCheck CheckDeadLetters() =>
        CreateCheck(
            "No open dead letter is beyond the checkpoint of its consumer.",
            data.DeadLetters.RowCount,
            data.DeadLetters.All.Where(row => row.IsOpen && row.Position > CheckpointOf(row))
                .Select(row =>
                    $"Dead letter {row.Id} of {row.Consumer} is at {row.Position}, beyond its consumer's checkpoint "
                    + $"{CheckpointOf(row)}."
                )
        );

    private long CheckpointOf(DeadLetter deadLetter) =>
        data.Consumers.Find(deadLetter.Consumer, deadLetter.Partition)?.Checkpoint ?? 0;

    private VerifyCheck CheckDocuments() =>
        CreateCheck(
            "No document reflects a position beyond the end of the log.",
            data.Collections.Values.Sum(table => (long)table.Count),
            data.Collections.Values.SelectMany(table =>
                table
                    .Rows.Where(row => row.Document.Position > data.Events.LastPosition)
                    .Select(row =>
                        $"Document '{row.Document.Key}' of '{table.Definition.Name}' is at {row.Document.Position}.")));

    private IEnumerable<string> TimeProblems()
    {
        for (var position = 2L; position <= data.Events.LastPosition; position++)
        {
            if (data.Events.GetTimestamp(position) < data.Events.GetTimestamp(position - 1))
                yield return $"The event at position {position} is older than the one before it.";
        }
    }

    private IEnumerable<string> StreamProblems()
    {
        foreach (var (stream, row) in data.Streams.Rows)
        {
            for (var version = 1L; version <= row.Head.Version; version++)
            {
                var position = row.PositionOf(version);
                if (position <= row.PositionOf(version - 1))
                    yield return $"Version {version} of stream '{stream}' is at {position}, not after the "
                        + "previous version.";
                var stored = data.Events.Find(position);
                if (stored is null
                        ? version >= row.Head.FirstVersion
                        : stored.Stream != stream || stored.Version != version)
                    yield return $"Version {version} of stream '{stream}' is not at position {position}.";
            }
        }
    }
}
