namespace Millrace;

/// <summary>A field of a document that differs.</summary>
/// <param name="Path">The path of the field, such as <c>lines[2].total</c>; empty if the document is not an
/// object.</param>
/// <param name="Before">The first 200 characters of the JSON before; null if the field did not exist.</param>
/// <param name="After">The first 200 characters of the JSON after; null if the field does not exist.</param>
public sealed record FieldDifference(string Path, string? Before, string? After);
