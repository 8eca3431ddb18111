namespace Millrace;

/// <summary>A document that differs between two collections.</summary>
/// <param name="Key">The key of the document.</param>
/// <param name="Kind">The kind of difference.</param>
/// <param name="Fields">The first twenty fields that differ, or the first twenty fields of the document if only one
/// collection contains it.</param>
public sealed record DocumentDifference(string Key, DifferenceKind Kind, IReadOnlyList<FieldDifference> Fields);
