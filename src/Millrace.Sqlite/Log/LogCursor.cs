using Millrace.Sqlite.Driver;

namespace Millrace.Sqlite.Log;

/// <summary>Iterates over the events of one or more keys of a source, in log order.</summary>
internal sealed class LogCursor : IDisposable
{
    private readonly Statement[] _cursors;
    private readonly long[] _positions;
    private readonly bool _isBackwards;
    private int _current = -1;

    public LogCursor(Connection connection, LogPlan plan, long low, long high, bool isBackwards, bool isWhole)
    {
        _isBackwards = isBackwards;
        var sql = LogSourceSql.Read(plan.Source, isBackwards, isWhole);
        _cursors = new Statement[plan.Source == LogSource.Log ? 1 : plan.Keys.Count];
        _positions = new long[_cursors.Length];
        for (var i = 0; i < _cursors.Length; i++)
        {
            _cursors[i] = connection.Get(i == 0 ? sql : $"{sql} -- {i}"); // Each key needs its own statement.
            _cursors[i].Bind(1, low).Bind(2, high);
            if (plan.Source != LogSource.Log)
                plan.Keys[i].Bind(_cursors[i], 3);
        }
    }

    /// <summary>The current row.</summary>
    public Statement Row => _cursors[_current];

    /// <summary>Moves to the next event. Returns false if there is none.</summary>
    public bool Next()
    {
        if (_cursors.Length <= 1)
        {
            _current = 0;
            return _cursors.Length == 1 && _cursors[0].Step();
        }
        if (_current < 0)
        {
            for (var i = 0; i < _cursors.Length; i++)
                StepCursor(i);
        }
        else
        {
            StepCursor(_current);
        }
        _current = 0;
        for (var i = 1; i < _cursors.Length; i++)
        {
            if (_positions[i] < _positions[_current])
                _current = i;
        }
        return _positions[_current] != long.MaxValue;
    }

    public void Dispose()
    {
        foreach (var cursor in _cursors)
            cursor.Reset();
    }

    /// <summary>
    /// Advances the cursor of a key and records its position, from which the next event in either direction is chosen.
    /// </summary>
    private void StepCursor(int cursor)
    {
        if (!_cursors[cursor].Step())
        {
            _positions[cursor] = long.MaxValue;
            return;
        }
        var position = _cursors[cursor].GetInt64(EventColumns.Position);
        _positions[cursor] = _isBackwards ? -position : position;
    }
}
