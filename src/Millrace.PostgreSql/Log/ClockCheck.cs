using System.Globalization;
using Millrace.Storage;

namespace Millrace.PostgreSql;

/// <summary>
/// Refuses to record the database's clock where it is far off. Times never run backwards in the log: one that is far
/// ahead would hold the time still until it has come, and one that is far behind would be recorded as the last one
/// again and again.
/// </summary>
/// <remarks>
/// A clock is ahead only where it is ahead of both the log and the node: a log may have rested, and a node's clock be
/// slow.
/// </remarks>
internal sealed class ClockCheck(Database database)
{
    private readonly TimeSpan _tolerance = database.Options.ClockTolerance;
    private readonly bool _isNeeded = database.Options.Clock == PostgreSqlClock.Database;

    /// <summary>
    /// Whether a row's <c>moment</c>, the later of the clock and the last recorded time, may be recorded. False as well
    /// where the last time is not known to the statement: then it is read and decided the general way.
    /// </summary>
    /// <param name="turn">The row, with its <c>last_position</c>.</param>
    /// <param name="nodeTime">The parameter with the node's clock; null where the node's clock is what is
    /// recorded.</param>
    public string Sql(string turn, string nodeTime)
    {
        var tolerance = $"interval '{Database.Milliseconds(_tolerance)} milliseconds'";
        return $"""
            ({nodeTime}::timestamptz IS NULL OR ({turn}.moment <= clock_timestamp() + {tolerance} AND (
                {turn}.moment <= {nodeTime} + {tolerance} OR {turn}.moment <= {tolerance} + (
                    SELECT e.recorded_at FROM {database.Tables.Events} e WHERE e.position = {turn}.last_position))))
            """;
    }

    /// <summary>What is passed as the node's clock.</summary>
    public DateTime? NodeTime(CommitAttempt attempt) => _isNeeded ? attempt.Now.UtcDateTime : null;

    /// <summary>Checks the clock that was read for a batch.</summary>
    /// <exception cref="StorageException">It is far off, and the batch would record it.</exception>
    public void Check(CommitAttempt attempt, BatchFacts facts)
    {
        if (!_isNeeded || !Records(attempt.Batch))
            return;
        var (clock, last) = (facts.Now, facts.LastTimestamp);
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
            $"{database.Description}: its clock says {Text(clock)}, which is far {how}. Nothing was written: times "
                + $"never run backwards in the "
                + "log. Set the clocks of the server and of this node right, or raise "
                + "PostgreSqlOptions.ClockTolerance.",
            StorageProblem.Clock);

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
}
