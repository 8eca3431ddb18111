namespace Millrace.Messaging;

/// <summary>What an application needs of a broker.</summary>
/// <param name="Destinations">Where it publishes to.</param>
/// <param name="Subscriptions">What it receives.</param>
public sealed record TransportTopology(IReadOnlyList<string> Destinations, IReadOnlyList<Subscription> Subscriptions);
