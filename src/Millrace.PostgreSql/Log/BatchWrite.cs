using System.Data;
using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql;

/// <summary>
/// The fast statement for a batch of events, with an array for each column. Most batches have no event with tags,
/// metadata and the like: those are written by a form of it that knows nothing of the columns for them, and neither
/// side handles arrays of nothing.
/// </summary>
internal sealed class BatchWrite(Database database, ClockCheck clock)
{
    private readonly BatchStatement _plain = new(database, clock, withOptional: false);
    private readonly BatchStatement _whole = new(database, clock, withOptional: true);

    /// <summary>How many batches were written with no column but those that every event has.</summary>
    public long PlainHits { get; private set; }

    /// <summary>Writes the events, and returns when and behind which position; null when they were not to be
    /// written.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="attempt">What was decided.</param>
    /// <param name="facts">What was assumed.</param>
    /// <param name="known">The turn, and the position that the log must reach.</param>
    /// <param name="count">How many events.</param>
    public async ValueTask<(DateTimeOffset Moment, long LastPosition)?> Run(
        NpgsqlConnection connection,
        CommitAttempt attempt,
        OptimisticFacts facts,
        (long Generation, long MinPosition) known,
        int count)
    {
        var events = EventsOf(attempt, count);
        var command = (events.HasOptional ? _whole : _plain).Prepare(connection, attempt, facts, known, events);
        var row = await command
            .ExecuteReaderAsync(CommandBehavior.Default, CancellationToken.None)
            .ConfigureAwait(false);
        await using var _ = row.ConfigureAwait(false);
        if (!await row.ReadAsync(CancellationToken.None).ConfigureAwait(false))
            return null;
        PlainHits += events.HasOptional ? 0 : 1;
        return (row.GetTime(0), row.GetInt64(1));
    }

    private static EventArrays EventsOf(CommitAttempt attempt, int count)
    {
        var events = new EventArrays(count);
        for (var i = 0; i < attempt.Outcomes!.Length; i++) // Just decided.
        {
            var outcome = attempt.Outcomes[i];
            for (var j = 0; outcome.Result == CommitResult.Committed && j < outcome.Placements.Count; j++)
                events.Add(attempt.Batch[i].Appends[j], outcome.Placements[j], outcome.Timestamp);
        }
        return events;
    }
}
