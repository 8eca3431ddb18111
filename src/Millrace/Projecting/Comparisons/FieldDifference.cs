namespace Millrace;

/// <summary>A field that differs between two versions of a document.</summary>
/// <param name="Path">The path of the field, such as <c>lines[2].total</c>. It is empty if the document is not an
/// object.</param>
/// <param name="Before">The first 200 characters of the JSON in the old version, or null if the field does not exist
/// there.</param>
/// <param name="After">The first 200 characters of the JSON in the new version, or null if the field does not exist
/// there.</param>
public sealed record FieldDifference(string Path, string? Before, string? After);
