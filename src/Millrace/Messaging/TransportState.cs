namespace Millrace.Messaging;

/// <summary>The availability of a broker when it was last needed.</summary>
public enum TransportState
{
    /// <summary>The application has not used the broker yet.</summary>
    Idle,

    /// <summary>The broker answered.</summary>
    Connected,

    /// <summary>The broker is unavailable, or did not confirm in time. Millrace retries with growing pauses.</summary>
    Unavailable,
}
