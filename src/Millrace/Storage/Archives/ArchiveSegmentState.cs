namespace Millrace.Storage.Archives;

/// <summary>The states of an archive segment.</summary>
public enum ArchiveSegmentState
{
    /// <summary>The segment is being written. Its events are in the store.</summary>
    Pending,

    /// <summary>The store refers to the events of the segment.</summary>
    Archived,

    /// <summary>
    /// All events were restored to the store. The object stays, because backups and copies can refer to it.
    /// </summary>
    Unused,
}
