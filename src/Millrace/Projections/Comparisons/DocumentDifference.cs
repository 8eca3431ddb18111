namespace Millrace;

/// <summary>A document that differs between two collections.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Kind">In what way.</param>
/// <param name="Fields">The fields that differ: the first twenty; of a document that only one has, its own.</param>
public sealed record DocumentDifference(string Key, DifferenceKind Kind, IReadOnlyList<FieldDifference> Fields);
