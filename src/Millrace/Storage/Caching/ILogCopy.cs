namespace Millrace.Storage.Caching;

/// <summary>
/// What a node keeps in memory of a log. One caller changes the copy at a time; several callers read it at any time.
/// </summary>
internal interface ILogCopy
{
    /// <summary>Gets whether the copy contains each event, so that it must be filled before it is used.</summary>
    bool IsWhole { get; }

    /// <summary>Empties the copy.</summary>
    /// <param name="position">The position after which events are added.</param>
    void Clear(long position);

    /// <summary>Adds the next events of the log.</summary>
    /// <param name="events">The events, in order.</param>
    /// <param name="position">The position up to which these are all events.</param>
    void Add(IReadOnlyList<RecordedEvent> events, long position);

    /// <summary>Removes the events of a stream that can no longer be read.</summary>
    /// <param name="removal">The removal; null if only the head is known.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="head">A head of the stream after the removal.</param>
    void Remove(RemovalRecord? removal, StreamId stream, StreamHead head);

    /// <summary>Gets whether the copy may contain the page of a stream after it has caught up.</summary>
    bool Has(StreamPageQuery query);

    /// <summary>Reads a page of a stream; false if the copy does not contain it.</summary>
    bool TryRead(StreamPageQuery query, out EventPage page);

    /// <summary>Receives a page of a stream that was read from the primary storage.</summary>
    /// <param name="query">The query of the page.</param>
    /// <param name="page">The page.</param>
    /// <param name="position">The position that the copy had reached before the page was read.</param>
    void Keep(StreamPageQuery query, EventPage page, long position);

    /// <summary>Reads a page of the log; false if the copy does not contain it.</summary>
    bool TryRead(LogPageQuery query, out EventPage page);

    /// <summary>Finds an event; false if the copy does not contain every event.</summary>
    bool TryFind(Guid id, StreamId? stream, out RecordedEvent? found);

    /// <summary>Counts events; false if the copy does not contain every event.</summary>
    bool TryCount(EventFilter filter, out long count);
}
