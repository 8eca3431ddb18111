namespace Millrace;

/// <summary>Stored events that a build cannot read.</summary>
/// <param name="Type">The stored name of the event type.</param>
/// <param name="SchemaVersion">The stored schema version.</param>
/// <param name="Events">The number of events.</param>
/// <param name="FirstPosition">The position of the first event.</param>
/// <param name="Reason">The reason why the first event cannot be read.</param>
public sealed record UnreadableType(string Type, int SchemaVersion, long Events, long FirstPosition, string Reason);
