namespace Millrace.Messaging;

/// <summary>Where commands or queries of a type are sent as requests, and under which name.</summary>
internal sealed record RequestRoute(string Destination, string Name);
