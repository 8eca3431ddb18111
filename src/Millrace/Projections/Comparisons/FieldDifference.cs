namespace Millrace;

/// <summary>A field of a document that differs.</summary>
/// <param name="Path">Where it is: <c>lines[2].total</c>; empty when the document is not an object.</param>
/// <param name="Before">Its JSON before, cut at 200 characters; null when it was not there.</param>
/// <param name="After">Its JSON after, cut at 200 characters; null when it is not there.</param>
public sealed record FieldDifference(string Path, string? Before, string? After);
