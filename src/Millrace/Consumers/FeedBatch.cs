namespace Millrace;

/// <summary>Events that a consumer asked for.</summary>
/// <param name="Events">The events that match, in order.</param>
/// <param name="Through">The last position looked at: all up to it are in the batch or do not match.</param>
/// <param name="IsLive">Whether it ends near the end of the log, so that readers may wait for its effects.</param>
internal readonly record struct FeedBatch(IReadOnlyList<RecordedEvent> Events, long Through, bool IsLive)
{
    /// <summary>The batch without what lies beyond a position.</summary>
    public FeedBatch Until(long position)
    {
        if (Through <= position)
            return this;
        var kept = new List<RecordedEvent>();
        for (var i = 0; i < Events.Count && Events[i].Position <= position; i++)
            kept.Add(Events[i]);
        return new FeedBatch(kept, position, IsLive: false);
    }
}
