namespace Millrace.Messaging;

/// <summary>The messages that an application publishes to or receives from a destination of a transport.</summary>
/// <param name="Transport">The transport's name.</param>
/// <param name="Destination">The destination.</param>
/// <param name="Types">The stored names of events, and the names of requests; <c>*</c> for every event.</param>
/// <param name="Receiver">The name of the receiver in this application; null for published messages.</param>
public sealed record MessageFlow(string Transport, string Destination, IReadOnlyList<string> Types, string? Receiver);
