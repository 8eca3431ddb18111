namespace Millrace;

/// <summary>A document that differs between two collections.</summary>
/// <param name="Key">The key of the document.</param>
/// <param name="Kind">The kind of difference.</param>
/// <param name="Fields">The first twenty fields that differ. If only one collection contains the document, its first
/// twenty fields.</param>
public sealed record DocumentDifference(string Key, DifferenceKind Kind, IReadOnlyList<FieldDifference> Fields);
