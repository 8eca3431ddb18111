using System.Globalization;
using Millrace.PostgreSql.Connections;
using Millrace.Storage;

namespace Millrace.PostgreSql.Log;

/// <summary>
/// Refuses to record the database's clock when it is far off. Times never decrease in the log. A clock that is far
/// ahead would freeze the recorded time until real time reaches it. A clock that is far behind would repeat the last
/// recorded time.
/// </summary>
/// <remarks>
/// A clock counts as ahead only when it is ahead of both the log and the node: the log may have had no events for a
/// while, and the node's clock may be slow.
/// </remarks>
internal sealed class ClockCheck(Database database)
{
    private readonly TimeSpan _tolerance = database.Options.ClockTolerance;
    private readonly bool _isNeeded = database.Options.Clock == PostgreSqlClock.Database;

    /// <summary>
    /// Returns the condition that a row's <c>moment</c>, the later of the clock and the last recorded time, may be
    /// recorded. It is also false when the statement does not know the last recorded time. The batch is then committed
    /// by <see cref="GeneralCommit"/>.
    /// </summary>
    /// <param name="row">The row, with its <c>last_position</c>.</param>
    /// <param name="nodeTime">The parameter with the node's clock; null when the node's clock is recorded.</param>
    public string Sql(string row, string nodeTime)
    {
        var tolerance = $"interval '{Database.Milliseconds(_tolerance)} milliseconds'";
        return $"""
            ({nodeTime}::timestamptz IS NULL OR ({row}.moment <= clock_timestamp() + {tolerance} AND (
                {row}.moment <= {nodeTime} + {tolerance} OR {row}.moment <= {tolerance} + (
                    SELECT e.recorded_at FROM {database.Tables.Events} e WHERE e.position = {row}.last_position))))
            """;
    }

    /// <summary>Returns the node's clock as a parameter value.</summary>
    public DateTime? NodeTime(DateTimeOffset now) => _isNeeded ? now.UtcDateTime : null;

    /// <summary>Checks the clock that was read for a batch.</summary>
    /// <exception cref="StorageException">The clock is far off, and the batch would record it.</exception>
    public void Check(CommitAttempt attempt, BatchFacts facts)
    {
        if (!_isNeeded || !Records(attempt.Batch))
            return;
        var clock = facts.Now;
        var last = facts.LastTimestamp;
        if (last - clock > _tolerance)
            throw Refused(clock, $"behind the log's last event, which was recorded at {Text(last)}");
        var latest = last > attempt.Now ? last : attempt.Now;
        if (clock - latest > _tolerance)
            throw Refused(
                clock, $"ahead of the log's last event and of this node's clock, which says {Text(attempt.Now)}");
    }

    private static bool Records(IReadOnlyList<CommitRequest> batch)
    {
        foreach (var request in batch)
        {
            if (request.Appends.Count > 0 || request.Removals.Count > 0)
                return true;
        }
        return false;
    }

    private StorageException Refused(DateTimeOffset clock, string how) =>
        new(
            $"{database.Description}: its clock reads {Text(clock)}, which is far {how}. Nothing was written, because "
                + "times never decrease in the log. Correct the clocks of the server and of this node, or raise "
                + "PostgreSqlOptions.ClockTolerance.",
            StorageProblem.Clock);

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
}
