namespace Millrace.Testing;

/// <summary>What a transport may offer beyond what every one must. Each has checks of its own in the conformance
/// suite.</summary>
[Flags]
public enum TransportFeatures
{
    /// <summary>Nothing more.</summary>
    None = 0,

    /// <summary>It tells that a message reaches nobody.</summary>
    TellsUnroutable = 1,

    /// <summary>
    /// The suite can stop its broker and start it again: <see cref="TransportConformance.StopBroker"/> and
    /// <see cref="TransportConformance.StartBroker"/>.
    /// </summary>
    BrokerStops = 2,

    /// <summary>
    /// The suite can break its connections while the broker goes on: <see cref="TransportConformance.CutConnections"/>.
    /// </summary>
    ConnectionsBreak = 4,

    /// <summary>
    /// Receivers of one subscription share its messages at once. Where a group divides partitions among its members,
    /// that takes a while, and it is not checked.
    /// </summary>
    SharesAtOnce = 8,
}
