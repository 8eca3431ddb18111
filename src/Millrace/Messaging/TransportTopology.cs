namespace Millrace.Messaging;

/// <summary>What an application needs from a broker.</summary>
/// <param name="Destinations">The destinations to which it publishes.</param>
/// <param name="Subscriptions">The subscriptions from which it receives.</param>
public sealed record TransportTopology(IReadOnlyList<string> Destinations, IReadOnlyList<Subscription> Subscriptions);
