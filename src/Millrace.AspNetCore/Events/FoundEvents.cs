using Millrace.Storage;

namespace Millrace.AspNetCore.Events;

/// <summary>The events of the answer to a search, which can come from several pages of the log.</summary>
/// <param name="head">The end of the log.</param>
internal sealed class FoundEvents(long head)
{
    private readonly List<RecordedEvent> _events = [];

    public long Head => head;

    public IReadOnlyList<RecordedEvent> Events => _events;

    /// <summary>Gets the number of events that the user may not read.</summary>
    public int Hidden { get; private set; }

    /// <summary>Gets the position of the last event that was read; null at the end of the search.</summary>
    public long? Next { get; private set; }

    public async ValueTask Add(EventPage page, EventQuery query, StreamAccess access)
    {
        foreach (var recorded in page.Events.Where(query.Includes))
        {
            if (await access.MayRead(recorded.Stream).ConfigureAwait(false))
                _events.Add(recorded);
            else
                Hidden++;
        }
        if (page.IsEnd)
            Next = null;
        else if (page.Events.Count > 0)
            Next = page.Events[^1].Position;
    }
}
