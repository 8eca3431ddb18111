namespace Millrace.Testing;

/// <summary>Optional features of a transport. The conformance suite has additional checks for each feature.</summary>
[Flags]
public enum TransportFeatures
{
    /// <summary>No optional features.</summary>
    None = 0,

    /// <summary>The transport reports messages that the broker cannot route to any queue.</summary>
    ReportsUnroutable = 1,

    /// <summary>
    /// The suite can stop the broker and start it again. The author overrides <see
    /// cref="TransportConformance.StopBroker"/> and <see cref="TransportConformance.StartBroker"/>.
    /// </summary>
    BrokerStops = 2,

    /// <summary>
    /// The suite can break connections while the broker continues to run. The author overrides <see
    /// cref="TransportConformance.CutConnections"/>.
    /// </summary>
    ConnectionsBreak = 4,

    /// <summary>
    /// Receivers of one subscription share its messages immediately. Brokers that divide partitions among the members
    /// of a group do so only after a while, and the suite does not check it.
    /// </summary>
    SharesImmediately = 8,
}
