namespace Millrace;

/// <summary>There is nothing of that name to explain.</summary>
/// <param name="message">What there is not.</param>
/// <param name="name">The name that was asked for.</param>
/// <param name="known">The names that there are.</param>
public sealed class NothingToExplainException(string message, string name, IReadOnlyList<string> known)
    : MillraceException(known.Count == 0 ? message : $"{message} There are: {ListOf(known)}")
{
    private const int MaxListedNames = 30;

    /// <summary>The name that was asked for.</summary>
    public string Name { get; } = name;

    /// <summary>The names that there are.</summary>
    public IReadOnlyList<string> Known { get; } = known;

    private static string ListOf(IReadOnlyList<string> known) =>
        string.Join(", ", known.Take(MaxListedNames)) + (known.Count > MaxListedNames ? ", …" : ".");
}
