using System.Data;
using Millrace.Storage;
using Npgsql;

namespace Millrace.PostgreSql;

/// <summary>
/// The optimistic statement for a batch of events, with an array for each column. Most batches have no tags, metadata
/// or other optional values. For those, a form without the optional columns is used, which saves both sides the
/// handling of empty arrays.
/// </summary>
internal sealed class BatchWrite(Database database, ClockCheck clock)
{
    private readonly BatchStatement _plain = new(database, clock, withOptional: false);
    private readonly BatchStatement _whole = new(database, clock, withOptional: true);

    /// <summary>The number of batches that were written with the required columns only.</summary>
    public long PlainHits { get; private set; }

    /// <summary>
    /// Writes the events, and returns their time and the position before them; null if the statement wrote nothing.
    /// </summary>
    /// <param name="connection">The connection.</param>
    /// <param name="attempt">The decided batch.</param>
    /// <param name="facts">The assumed facts.</param>
    /// <param name="known">The generation, and the position that the log must have reached.</param>
    /// <param name="count">The number of events.</param>
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
        for (var i = 0; i < attempt.Outcomes!.Length; i++) // Set by the decision.
        {
            var outcome = attempt.Outcomes[i];
            for (var j = 0; outcome.Result == CommitResult.Committed && j < outcome.Placements.Count; j++)
                events.Add(attempt.Batch[i].Appends[j], outcome.Placements[j], outcome.Timestamp);
        }
        return events;
    }
}
