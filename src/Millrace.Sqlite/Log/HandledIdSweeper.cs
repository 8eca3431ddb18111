namespace Millrace.Sqlite;

/// <summary>Forgets handled ids whose window has passed: goes on through their notes a little with each
/// commit.</summary>
/// <remarks>
/// An index by the end of the window would cost nearly as much again as the note. Three notes are looked at for each
/// one that is written, and some every few seconds: where as many come as go, less than twice as many stand as have to.
/// How far it has come is kept in the header now and then, so that a node that is often begun anew comes around as
/// well. Used under the write lock alone.
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
    private static readonly SweepPosition Beginning = new(0, []);
    private static readonly SweepPosition End = new(long.MaxValue, []);

    private DateTimeOffset _last;
    // Not taken back when a transaction is: what it then passes over is seen the next time.
    private SweepPosition? _position;
    private int _due;

    /// <summary>Says that a note was written.</summary>
    public void NoteWritten() => _due += ScannedPerWrite;

    /// <summary>Looks at those that are due, if it is worth it or some time has passed.</summary>
    public void Run(Connection connection, DateTimeOffset now)
    {
        var isTime = (now - _last).Duration() >= Interval;
        if (!isTime && _due < MinBatch)
            return;
        var from = _position ?? Load(connection);
        _position = SweepFrom(connection, from, Math.Clamp(_due, MinBatch, MaxBatch), StoredTime.ToMicroseconds(now));
        _due = Math.Max(0, _due - MaxBatch);
        if (!isTime)
            return;
        _last = now;
        if (_position != from)
            connection.Get(SavePosition).Bind(1, _position.Scope).BindText(2, _position.Id).Run();
    }

    private static SweepPosition Load(Connection connection)
    {
        var statement = connection.Get(LoadPosition);
        var place = statement.Step()
            ? new SweepPosition(statement.GetInt64(0), statement.GetBytes(1).ToArray())
            : Beginning;
        statement.Reset();
        return place;
    }

    /// <summary>Forgets what has passed among the next notes; returns where to go on.</summary>
    private static SweepPosition SweepFrom(Connection connection, SweepPosition from, int most, long now)
    {
        var statement = connection.Get(SelectNext).Bind(1, from.Scope).BindText(2, from.Id).Bind(3, most);
        var (count, passed, to) = (0, 0, End);
        while (statement.Step())
        {
            passed += statement.GetInt64(0) <= now ? 1 : 0;
            if (++count == most)
                to = new SweepPosition(statement.GetInt64(1), statement.GetBytes(2).ToArray());
        }
        statement.Reset();
        if (passed > 0)
            connection
                .Get(Forget)
                .Bind(1, from.Scope)
                .BindText(2, from.Id)
                .Bind(3, to.Scope)
                .BindText(4, to.Id)
                .Bind(5, now)
                .Run();
        return to == End ? Beginning : to;
    }

    /// <summary>The note that was looked at last.</summary>
    /// <param name="Scope">The number of its scope.</param>
    /// <param name="Id">Its id, as it is stored.</param>
    private sealed record SweepPosition(long Scope, byte[] Id);
}
