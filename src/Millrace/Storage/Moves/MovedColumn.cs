namespace Millrace.Storage.Moves;

/// <summary>A column of a moved table.</summary>
/// <param name="Name">The name. The database of a storage may use another name.</param>
/// <param name="Kind">The kind of the values.</param>
public readonly record struct MovedColumn(string Name, MovedKind Kind);
