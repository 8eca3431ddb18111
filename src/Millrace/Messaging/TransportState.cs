namespace Millrace.Messaging;

/// <summary>The availability of a broker when it was last needed.</summary>
public enum TransportState
{
    /// <summary>The broker was not needed yet.</summary>
    Idle,

    /// <summary>The broker answered.</summary>
    Connected,

    /// <summary>The broker is unavailable, or did not confirm in time; it is retried with growing pauses.</summary>
    Unavailable,
}
