namespace Millrace.Messaging;

/// <summary>Whether a broker could be reached when it was last needed.</summary>
public enum TransportState
{
    /// <summary>It was not needed yet.</summary>
    Idle,

    /// <summary>It answered.</summary>
    Connected,

    /// <summary>It is away, or did not confirm in time; it is tried again with growing pauses.</summary>
    Unavailable,
}
