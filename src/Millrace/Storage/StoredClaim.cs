namespace Millrace.Storage;

/// <summary>A unique value with its owner.</summary>
/// <param name="Value">The value as it is stored, which may be a keyed hash.</param>
/// <param name="Owner">The owner.</param>
public sealed record StoredClaim(string Value, string Owner);
