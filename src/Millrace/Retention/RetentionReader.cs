namespace Millrace.Retention;

/// <summary>A read model, with the events that it reads.</summary>
/// <param name="Name">The name of the read model.</param>
/// <param name="Types">The stored names of the event types.</param>
/// <param name="Category">The category of its streams; null for all streams.</param>
internal sealed record RetentionReader(string Name, IReadOnlyList<string> Types, string? Category)
{
    /// <summary>Returns whether the read model reads one of the event types in streams of a category.</summary>
    public bool Reads(string category, IReadOnlySet<string> types) =>
        (Category is null || Category == category) && Types.Any(types.Contains);
}
