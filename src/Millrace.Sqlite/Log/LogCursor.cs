namespace Millrace.Sqlite;

/// <summary>Goes through the events of one or several keys of a source, in the order of the log.</summary>
internal sealed class LogCursor : IDisposable
{
    private readonly Statement[] _legs;
    private readonly long[] _positions;
    private readonly bool _isBackwards;
    private int _current = -1;

    public LogCursor(Connection connection, LogPlan plan, long low, long high, bool isBackwards, bool isWhole)
    {
        _isBackwards = isBackwards;
        var sql = LogSourceSql.Read(plan.Source, isBackwards, isWhole);
        _legs = new Statement[plan.Source == LogSource.Log ? 1 : plan.Keys.Count];
        _positions = new long[_legs.Length];
        for (var i = 0; i < _legs.Length; i++)
        {
            _legs[i] = connection.Get(i == 0 ? sql : $"{sql} -- {i}"); // Each leg is a statement of its own.
            _legs[i].Bind(1, low).Bind(2, high);
            if (plan.Source != LogSource.Log)
                plan.Keys[i].Bind(_legs[i], 3);
        }
    }

    /// <summary>The row it stands on.</summary>
    public Statement Row => _legs[_current];

    /// <summary>Goes to the next event; false when there is none.</summary>
    public bool Next()
    {
        if (_legs.Length <= 1)
        {
            _current = 0;
            return _legs.Length == 1 && _legs[0].Step();
        }
        if (_current < 0)
        {
            for (var i = 0; i < _legs.Length; i++)
                StepLeg(i);
        }
        else
        {
            StepLeg(_current);
        }
        _current = 0;
        for (var i = 1; i < _legs.Length; i++)
        {
            if (_positions[i] < _positions[_current])
                _current = i;
        }
        return _positions[_current] != long.MaxValue;
    }

    public void Dispose()
    {
        foreach (var leg in _legs)
            leg.Reset();
    }

    /// <summary>Notes where a leg stands, so that the smallest is the next in either direction.</summary>
    private void StepLeg(int leg)
    {
        if (!_legs[leg].Step())
        {
            _positions[leg] = long.MaxValue;
            return;
        }
        var position = _legs[leg].GetInt64(EventColumns.Position);
        _positions[leg] = _isBackwards ? -position : position;
    }
}
