namespace Millrace.Sqlite;

/// <summary>Forgets handled ids whose window has passed: goes on through their notes a little with each commit.</summary>
/// <remarks>
/// An index by the end of the window would cost nearly as much again as the note. Three notes are looked at for each one that is written,
/// and some every few seconds: where as many come as go, less than twice as many stand as have to. How far it has come is kept in the
/// header now and then, so that a node that is often begun anew comes around as well. Used under the write lock alone.
/// </remarks>
internal sealed class HandledSweep
{
    private const int LookedAtForEach = 3;
    private const int LeastAtOnce = 500;
    private const int MostAtOnce = 5_000;
    private const string LoadPlace = "SELECT swept_scope, swept_id FROM header";
    private const string KeepPlace = "UPDATE header SET swept_scope = ?1, swept_id = ?2";
    private const string Look = "SELECT until, scope, id FROM handled WHERE (scope, id) > (?1, ?2) ORDER BY scope, id LIMIT ?3";
    private const string Forget = """
        DELETE FROM handled WHERE (scope, id) > (?1, ?2) AND (scope, id) <= (?3, ?4) AND until <= ?5
        """;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    private static readonly Place Beginning = new(0, []);
    private static readonly Place End = new(long.MaxValue, []);

    private DateTimeOffset _last;
    private Place? _place; // Not taken back when a transaction is: what it then passes over is seen the next time.
    private int _due;

    /// <summary>Says that a note was written.</summary>
    public void Wrote() => _due += LookedAtForEach;

    /// <summary>Looks at those that are due, if it is worth it or some time has passed.</summary>
    public void Run(Connection connection, DateTimeOffset now)
    {
        var isTime = (now - _last).Duration() >= Interval;
        if (!isTime && _due < LeastAtOnce)
            return;
        var from = _place ?? Load(connection);
        _place = Walk(connection, from, Math.Clamp(_due, LeastAtOnce, MostAtOnce), StoredTime.ToMicroseconds(now));
        _due = Math.Max(0, _due - MostAtOnce);
        if (!isTime)
            return;
        _last = now;
        if (_place != from)
            connection.Get(KeepPlace).Bind(1, _place.Scope).BindText(2, _place.Id).Run();
    }

    private static Place Load(Connection connection)
    {
        var statement = connection.Get(LoadPlace);
        var place = statement.Step() ? new Place(statement.GetInt64(0), statement.GetBytes(1).ToArray()) : Beginning;
        statement.Reset();
        return place;
    }

    /// <summary>Forgets what has passed among the next notes; returns where to go on.</summary>
    private static Place Walk(Connection connection, Place from, int most, long now)
    {
        var statement = connection.Get(Look).Bind(1, from.Scope).BindText(2, from.Id).Bind(3, most);
        var (count, passed, to) = (0, 0, End);
        while (statement.Step())
        {
            passed += statement.GetInt64(0) <= now ? 1 : 0;
            if (++count == most)
                to = new Place(statement.GetInt64(1), statement.GetBytes(2).ToArray());
        }
        statement.Reset();
        if (passed > 0)
            connection.Get(Forget).Bind(1, from.Scope).BindText(2, from.Id).Bind(3, to.Scope).BindText(4, to.Id).Bind(5, now).Run();
        return to == End ? Beginning : to;
    }

    /// <summary>The note that was looked at last.</summary>
    /// <param name="Scope">The number of its scope.</param>
    /// <param name="Id">Its id, as it is stored.</param>
    private sealed record Place(long Scope, byte[] Id);
}
