namespace Millrace.Materializing;

/// <summary>Checks the names and versions of views.</summary>
internal static class ViewName
{
    private const int MaxLength = 80;

    /// <exception cref="InvalidNameException">The name is not valid.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The version is less than 1.</exception>
    public static void Require(string name, int version)
    {
        if (ProblemOf(name) is { } problem)
            throw new InvalidNameException("materialized view", name, problem);
        ArgumentOutOfRangeException.ThrowIfLessThan(version, 1);
    }

    private static string? ProblemOf(string name) =>
        ConsumerDefinition.NameProblem(name)
        ?? (name.Length > MaxLength ? $"it must have 1 to {MaxLength} characters"
            : name.AsSpan().ContainsAny('@', '.') ? "it can contain only lower case letters, digits and '-'"
            : null);
}
