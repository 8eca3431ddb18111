namespace Millrace.AspNetCore.Binding;

/// <summary>Thrown when a request does not contain a valid command or query.</summary>
internal sealed class MalformedMessageException(string message, IReadOnlyList<ValidationProblem> problems)
    : Exception(message)
{
    public IReadOnlyList<ValidationProblem> Problems { get; } = problems;
}
