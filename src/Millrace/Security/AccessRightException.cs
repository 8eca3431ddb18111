namespace Millrace;

/// <summary>Thrown when a right is not well formed, or names something that the application does not have.</summary>
public sealed class AccessRightException(string right, string problem)
    : MillraceException($"The right '{Shorten(right)}' is not valid: {problem}.")
{
    /// <summary>Gets the right.</summary>
    public string Right { get; } = right;

    /// <summary>Gets the problem.</summary>
    public string Problem { get; } = problem;

    private static string Shorten(string right) => right.Length <= 200 ? right : right[..197] + "...";
}
