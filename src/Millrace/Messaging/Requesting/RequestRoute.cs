namespace Millrace.Messaging.Requesting;

/// <summary>The destination and the name of requests of a type.</summary>
internal sealed record RequestRoute(string Destination, string Name);
