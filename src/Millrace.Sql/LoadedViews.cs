namespace Millrace.Sql;

/// <summary>The views that were copied for a statement.</summary>
/// <param name="Position">The position of the log up to which they contain events.</param>
/// <param name="Views">The views.</param>
internal sealed record LoadedViews(long Position, IReadOnlyList<SqlView> Views);
