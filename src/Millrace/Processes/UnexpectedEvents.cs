namespace Millrace;

/// <summary>What becomes of events that a process has no use for: of an unknown instance, or that come too late or
/// again.</summary>
public enum UnexpectedEvents
{
    /// <summary>They are passed over; an open instance notes it in its stream. The default.</summary>
    Ignore,

    /// <summary>
    /// They become dead letters of the process, for a person; not where another version of the process has them for an
    /// instance of its own.
    /// </summary>
    Refuse,
}
