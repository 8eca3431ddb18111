using Millrace.Events;

namespace Millrace.Retention;

/// <summary>
/// Applies the policies to the events of one stream, in order. The whole stream expires by the policy of its category.
/// The first events expire by the policy of their type.
/// </summary>
internal sealed class StreamScan(RetentionRules rules, RetentionRule? ofStream, LegalHolds holds, DateTimeOffset now)
{
    private readonly StreamPart _whole = new();
    private readonly StreamPart _first = new();
    private RetentionRule? _ofFirst;
    private bool _isFirstOpen = true;
    private DateTimeOffset? _time;
    private string? _keptType;

    /// <summary>Gets whether the stream contains events of Millrace itself, so that no policy applies to it.</summary>
    public bool IsOfPlatform { get; private set; }

    /// <summary>Adds the next event, as it is stored.</summary>
    /// <param name="recorded">The event.</param>
    /// <param name="timeOf">Returns the business time of the event for a policy.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async ValueTask Add(
        RecordedEvent recorded,
        Func<RecordedEvent, RetentionRule, CancellationToken, ValueTask<DateTimeOffset?>> timeOf,
        CancellationToken cancellationToken)
    {
        if (recorded.Type == RetentionEvents.StreamRemoved)
        {
            _isFirstOpen &= _first.Events == 0;
            return; // The rest of a stream that an earlier run removed.
        }
        IsOfPlatform |= PlatformEvents.IsReserved(recorded.Type);
        var isHeld = holds.Keeps(recorded);
        _whole.Add(recorded, isHeld);
        if (rules.ForType(recorded.Type) is { } ofType)
            await AddTyped(recorded, ofType, isHeld, timeOf, cancellationToken).ConfigureAwait(false);
        else
            _isFirstOpen = false;
        if (ofStream is { Removes: true })
            _time = await timeOf(recorded, ofStream, cancellationToken).ConfigureAwait(false) ?? _time;
    }

    /// <summary>Returns the part of the stream that has expired; null if there is none.</summary>
    public (StreamPart Part, RetentionRule Rule, string? Kept)? Decide()
    {
        if (_whole.Events == 0 || IsOfPlatform)
            return null;
        var isFirstAll = _ofFirst is not null && _first.Events == _whole.Events;
        if (ofStream is { Removes: true } && !isFirstAll)
        {
            if (_time is null && _first.Events == 0)
                return (_whole, ofStream, $"no time in {ofStream.Member}");
            if (_time == BusinessTime.Unreadable && _first.Events == 0)
                return (_whole, ofStream, $"no readable time in {ofStream.Member}");
            if (_time is { } time && ofStream.IsExpired(time, now) && (_keptType is null || _first.Events == 0))
                return (_whole, ofStream, _keptType is null ? null : $"contains {_keptType}, which is kept longer");
        }
        return _first.Events > 0 && _ofFirst is not null ? (_first, _ofFirst, null) : null;
    }

    private async ValueTask AddTyped(
        RecordedEvent recorded,
        RetentionRule ofType,
        bool isHeld,
        Func<RecordedEvent, RetentionRule, CancellationToken, ValueTask<DateTimeOffset?>> timeOf,
        CancellationToken cancellationToken)
    {
        var isExpired = ofType is { Removes: true } and not { OnlyProtects: true, Action: RetentionAction.Archive }
            && await timeOf(recorded, ofType, cancellationToken).ConfigureAwait(false) is { } time
            && ofType.IsExpired(time, now);
        if (!isExpired)
            _keptType = recorded.Type;
        // One run removes the events of one policy, so that the report and the archive have one policy for each part.
        _isFirstOpen &= isExpired && !ofType.OnlyProtects && (_ofFirst is null || _ofFirst == ofType);
        if (!_isFirstOpen)
            return;
        _ofFirst = ofType;
        _first.Add(recorded, isHeld);
    }
}
