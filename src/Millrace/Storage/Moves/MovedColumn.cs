namespace Millrace.Storage.Moves;

/// <summary>A column of a table that is moved.</summary>
/// <param name="Name">Its name; adapters may call it otherwise.</param>
/// <param name="Kind">What its values are.</param>
internal readonly record struct MovedColumn(string Name, MovedKind Kind);
