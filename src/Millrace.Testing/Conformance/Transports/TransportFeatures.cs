namespace Millrace.Testing;

/// <summary>Optional features of a transport. The conformance suite has additional checks for each.</summary>
[Flags]
public enum TransportFeatures
{
    /// <summary>No optional features.</summary>
    None = 0,

    /// <summary>The transport reports messages without a route to any queue.</summary>
    ReportsUnroutable = 1,

    /// <summary>
    /// The suite can stop the broker and start it again: <see cref="TransportConformance.StopBroker"/> and
    /// <see cref="TransportConformance.StartBroker"/>.
    /// </summary>
    BrokerStops = 2,

    /// <summary>
    /// The suite can break connections while the broker continues to run:
    /// <see cref="TransportConformance.CutConnections"/>.
    /// </summary>
    ConnectionsBreak = 4,

    /// <summary>
    /// Receivers of one subscription share its messages immediately. Brokers that divide partitions among the members
    /// of a group need a while, which is not checked.
    /// </summary>
    SharesAtOnce = 8,
}
