namespace Millrace.AspNetCore;

/// <summary>A request is not the command or query that it should be.</summary>
internal sealed class MalformedMessageException(string message, IReadOnlyList<ValidationProblem> problems)
    : Exception(message)
{
    public IReadOnlyList<ValidationProblem> Problems { get; } = problems;
}
