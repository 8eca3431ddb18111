namespace Millrace;

/// <summary>Collects the validation problems of a command.</summary>
public sealed class ValidationProblems
{
    private readonly List<ValidationProblem> _problems = [];

    /// <summary>Gets the problems that were found so far.</summary>
    public IReadOnlyList<ValidationProblem> All => _problems;

    /// <summary>Adds a problem of a member.</summary>
    public void Add(string member, string message) => _problems.Add(new ValidationProblem(member, message));

    /// <summary>Adds a problem of a member unless a rule is satisfied.</summary>
    public void Require(bool holds, string member, string message)
    {
        if (!holds)
            Add(member, message);
    }
}

/// <summary>A validation problem of a command.</summary>
/// <param name="Member">The name of the member.</param>
/// <param name="Message">The problem.</param>
public sealed record ValidationProblem(string Member, string Message);

/// <summary>Thrown when a command is not well formed. The command loaded and wrote nothing.</summary>
public sealed class ValidationFailedException(string command, IReadOnlyList<ValidationProblem> problems)
    : MillraceException($"The command '{command}' is not valid: "
        + string.Join(" ", problems.Select(problem => $"{problem.Member}: {problem.Message}")))
{
    /// <summary>Gets the name of the command.</summary>
    public string Command { get; } = command;

    /// <summary>Gets all problems.</summary>
    public IReadOnlyList<ValidationProblem> Problems { get; } = problems;
}
