namespace Millrace.Messaging;

/// <summary>What goes over a transport, to a destination or from it.</summary>
/// <param name="Transport">The transport's name.</param>
/// <param name="Destination">The destination.</param>
/// <param name="Types">The stored names of events, and the names of requests; <c>*</c> for every event.</param>
/// <param name="Receiver">Who receives it here; null for what is published from here.</param>
public sealed record MessageFlow(string Transport, string Destination, IReadOnlyList<string> Types, string? Receiver);
