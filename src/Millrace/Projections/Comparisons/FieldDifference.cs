namespace Millrace;

/// <summary>A field of a document that differs.</summary>
/// <param name="Path">The path of the field: <c>lines[2].total</c>; empty when the document is not an object.</param>
/// <param name="Before">The JSON before, cut at 200 characters; null when the field did not exist.</param>
/// <param name="After">The JSON after, cut at 200 characters; null when the field does not exist.</param>
public sealed record FieldDifference(string Path, string? Before, string? After);
