namespace Millrace.Serialization;

/// <summary>A member of a command or query, for edges that fill it from a route or a query string.</summary>
/// <param name="Name">Its name in JSON.</param>
/// <param name="Type">Its type.</param>
/// <param name="IsRequired">Whether a message without it is refused.</param>
public sealed record MemberDescription(string Name, Type Type, bool IsRequired);
