namespace Millrace.Consuming;

/// <summary>A batch of events for a consumer.</summary>
/// <param name="Events">The matching events, in order.</param>
/// <param name="Through">The last position that was read. The batch contains all matching events up to this
/// position.</param>
/// <param name="IsLive">True if the batch ends near the end of the log, so that readers may wait for the batch's
/// effects.</param>
internal readonly record struct FeedBatch(IReadOnlyList<RecordedEvent> Events, long Through, bool IsLive)
{
    /// <summary>Returns the batch without the events after a position.</summary>
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
