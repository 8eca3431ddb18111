namespace Millrace.Messaging;

/// <summary>The destinations and subscriptions that an application needs from a broker.</summary>
/// <param name="Destinations">The destinations to which the application publishes.</param>
/// <param name="Subscriptions">The subscriptions from which the application receives.</param>
public sealed record TransportTopology(IReadOnlyList<string> Destinations, IReadOnlyList<Subscription> Subscriptions);
