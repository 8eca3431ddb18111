namespace Millrace.Sqlite;

/// <summary>Goes through the events of one or several keys of a source, in the order of the log.</summary>
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
            _cursors[i] = connection.Get(i == 0 ? sql : $"{sql} -- {i}"); // Each leg is a statement of its own.
            _cursors[i].Bind(1, low).Bind(2, high);
            if (plan.Source != LogSource.Log)
                plan.Keys[i].Bind(_cursors[i], 3);
        }
    }

    /// <summary>The row it stands on.</summary>
    public Statement Row => _cursors[_current];

    /// <summary>Goes to the next event; false when there is none.</summary>
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
        foreach (var leg in _cursors)
            leg.Reset();
    }

    /// <summary>Notes where a leg stands, so that the smallest is the next in either direction.</summary>
    private void StepCursor(int leg)
    {
        if (!_cursors[leg].Step())
        {
            _positions[leg] = long.MaxValue;
            return;
        }
        var position = _cursors[leg].GetInt64(EventColumns.Position);
        _positions[leg] = _isBackwards ? -position : position;
    }
}
