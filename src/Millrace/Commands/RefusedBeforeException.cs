namespace Millrace;

/// <summary>A copy of the command was refused, and whoever sent it was told so: it is refused again, whatever holds by now.</summary>
/// <param name="error">What kind of error it was.</param>
/// <param name="problem">What it said.</param>
internal sealed class RefusedBeforeException(string error, string problem) : MillraceException(problem)
{
    /// <summary>What kind of error it was, such as <c>InvariantViolatedException</c>.</summary>
    public string Error { get; } = error;
}
