using Millrace.Sqlite.Driver;
using Millrace.Sqlite.Schema;

namespace Millrace.Sqlite.Log;

/// <summary>Removes expired handled ids, scanning a few of them with each commit.</summary>
/// <remarks>
/// An index by expiry time would cost nearly as much again as the ids themselves. For each written id, three ids are
/// scanned, and some more every ten seconds. If ids arrive as fast as they expire, the table has less than twice the
/// ids that it must keep. The scan position is saved in the header from time to time, so that a node that restarts
/// often completes the scan as well. Used only under the write lock.
/// </remarks>
internal sealed class HandledIdSweeper
{
    private const int ScannedPerWrite = 3;
    private const int MinBatch = 500;
    private const int MaxBatch = 5_000;
    private const string LoadPosition = "SELECT swept_scope, swept_id FROM header";
    private const string SavePosition = "UPDATE header SET swept_scope = ?1, swept_id = ?2";
    private const string SelectNext =
        "SELECT until, scope, id FROM handled WHERE (scope, id) > (?1, ?2) ORDER BY scope, id LIMIT ?3";
    private const string Forget = """
        DELETE FROM handled WHERE (scope, id) > (?1, ?2) AND (scope, id) <= (?3, ?4) AND until <= ?5
        """;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    private static readonly SweepPosition Start = new(0, []);
    private static readonly SweepPosition End = new(long.MaxValue, []);

    private DateTimeOffset _lastRun;
    // Not reset on a rollback: ids that are skipped because of it are scanned in the next round.
    private SweepPosition? _position;
    private int _dueCount;

    /// <summary>Records that an id was written.</summary>
    public void OnIdWritten() => _dueCount += ScannedPerWrite;

    /// <summary>Scans the ids that are due, if they are many enough or the interval has expired.</summary>
    public void Run(Connection connection, DateTimeOffset now)
    {
        var isIntervalOver = (now - _lastRun).Duration() >= Interval;
        if (!isIntervalOver && _dueCount < MinBatch)
            return;
        var from = _position ?? Load(connection);
        _position = SweepFrom(
            connection, from, Math.Clamp(_dueCount, MinBatch, MaxBatch), StoredTime.ToMicroseconds(now));
        _dueCount = Math.Max(0, _dueCount - MaxBatch);
        if (!isIntervalOver)
            return;
        _lastRun = now;
        if (_position != from)
            connection.Get(SavePosition).Bind(1, _position.Scope).BindText(2, _position.Id).Run();
    }

    private static SweepPosition Load(Connection connection)
    {
        var statement = connection.Get(LoadPosition);
        var position = statement.Step()
            ? new SweepPosition(statement.GetInt64(0), statement.GetBytes(1).ToArray())
            : Start;
        statement.Reset();
        return position;
    }

    /// <summary>Removes the expired ids among the next ones, and returns the position to continue from.</summary>
    private static SweepPosition SweepFrom(Connection connection, SweepPosition from, int limit, long now)
    {
        var statement = connection.Get(SelectNext).Bind(1, from.Scope).BindText(2, from.Id).Bind(3, limit);
        var count = 0;
        var expired = 0;
        var to = End;
        while (statement.Step())
        {
            expired += statement.GetInt64(0) <= now ? 1 : 0;
            if (++count == limit)
                to = new SweepPosition(statement.GetInt64(1), statement.GetBytes(2).ToArray());
        }
        statement.Reset();
        if (expired > 0)
            connection
                .Get(Forget)
                .Bind(1, from.Scope)
                .BindText(2, from.Id)
                .Bind(3, to.Scope)
                .BindText(4, to.Id)
                .Bind(5, now)
                .Run();
        return to == End ? Start : to;
    }

    /// <summary>The last scanned id.</summary>
    /// <param name="Scope">The number of its scope.</param>
    /// <param name="Id">The id, as it is stored.</param>
    private sealed record SweepPosition(long Scope, byte[] Id);
}
