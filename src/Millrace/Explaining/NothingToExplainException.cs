namespace Millrace;

/// <summary>Thrown when the requested value does not exist.</summary>
/// <param name="message">A message that names the missing part.</param>
/// <param name="name">The requested name.</param>
/// <param name="known">The existing names.</param>
public sealed class NothingToExplainException(string message, string name, IReadOnlyList<string> known)
    : MillraceException(known.Count == 0 ? message : $"{message} There are: {ListOf(known)}")
{
    private const int MaxListedNames = 30;

    /// <summary>Gets the requested name.</summary>
    public string Name { get; } = name;

    /// <summary>Gets the existing names.</summary>
    public IReadOnlyList<string> Known { get; } = known;

    private static string ListOf(IReadOnlyList<string> known) =>
        string.Join(", ", known.Take(MaxListedNames)) + (known.Count > MaxListedNames ? ", …" : ".");
}
