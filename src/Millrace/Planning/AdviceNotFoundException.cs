namespace Millrace;

/// <summary>Thrown when there is no advice or index of a name.</summary>
/// <param name="name">The name.</param>
/// <param name="known">The names that exist.</param>
public sealed class AdviceNotFoundException(string name, IReadOnlyList<string> known)
    : MillraceException(
        $"There is no index advice '{name}' that can be applied or removed. "
        + (known.Count == 0 ? "'millrace advise list' lists the proposals." : $"There is {string.Join(", ", known)}."))
{
    /// <summary>Gets the requested name.</summary>
    public string Name { get; } = name;

    /// <summary>Gets the names that exist.</summary>
    public IReadOnlyList<string> Known { get; } = known;
}
