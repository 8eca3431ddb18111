namespace Millrace;

/// <summary>Stored events that a build cannot read.</summary>
/// <param name="Type">The stored name of their type.</param>
/// <param name="SchemaVersion">The version they are stored with.</param>
/// <param name="Events">How many there are.</param>
/// <param name="FirstPosition">The position of the first of them.</param>
/// <param name="Reason">Why the first cannot be read.</param>
public sealed record UnreadableType(string Type, int SchemaVersion, long Events, long FirstPosition, string Reason);
