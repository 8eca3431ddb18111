namespace Millrace.Reporting;

/// <summary>The commands of two separate duties that a user sent to a stream.</summary>
internal sealed class DutyDeeds
{
    private (long Position, DateTimeOffset Time) _first;
    private (long Position, DateTimeOffset Time) _second;
    private long _firstBefore;
    private long _secondBefore;

    /// <summary>Gets the first and the second deed, and the time of the violation; null if there is none.</summary>
    public (long First, long Second, DateTimeOffset At)? Violation
    {
        get
        {
            // In the period, the earliest event of one duty after an event of the other duty.
            (long First, long Second, DateTimeOffset At)? found = null;
            if (_first.Position > 0 && _secondBefore > 0)
                found = (_first.Position, _secondBefore, _first.Time);
            if (_second.Position > 0 && _firstBefore > 0 && !(found?.First < _second.Position))
                found = (_firstBefore, _second.Position, _second.Time);
            if (found is null && _first.Position > 0 && _second.Position > 0)
            {
                var last = _first.Position > _second.Position ? _first : _second;
                found = (_first.Position, _second.Position, last.Time);
            }
            return found;
        }
    }

    /// <summary>Notes an event in the period. The first one counts.</summary>
    public void Add(RecordedEvent recorded, bool isFirst)
    {
        ref var side = ref isFirst ? ref _first : ref _second;
        if (side.Position == 0)
            side = (recorded.Position, recorded.Timestamp);
    }

    /// <summary>Notes an event before the period. The last one counts.</summary>
    public void AddBefore(RecordedEvent recorded, bool isFirst)
    {
        ref var side = ref isFirst ? ref _firstBefore : ref _secondBefore;
        side = recorded.Position;
    }
}
