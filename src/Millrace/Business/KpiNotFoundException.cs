namespace Millrace;

/// <summary>Thrown when there is no business figure, or no dimension of it, with a name.</summary>
/// <param name="kind">What does not exist: <c>KPI</c>, or <c>dimension of the KPI 'revenue'</c>.</param>
/// <param name="name">The name.</param>
/// <param name="known">The known names.</param>
public sealed class KpiNotFoundException(string kind, string name, IReadOnlyList<string> known)
    : MillraceException(
        $"There is no {kind} named '{name}': "
        + (known.Count == 0 ? "there are none." : $"use one of {string.Join(", ", known)}."))
{
    /// <summary>Gets the name that was not found.</summary>
    public string Name { get; } = name;

    /// <summary>Gets the known names.</summary>
    public IReadOnlyList<string> Known { get; } = known;
}
