namespace Millrace;

/// <summary>Collects what is wrong with a command.</summary>
public sealed class ValidationProblems
{
    private readonly List<ValidationProblem> _problems = [];

    /// <summary>What is wrong so far.</summary>
    public IReadOnlyList<ValidationProblem> All => _problems;

    /// <summary>Notes that a member is wrong.</summary>
    public void Add(string member, string message) => _problems.Add(new ValidationProblem(member, message));

    /// <summary>Notes that a member is wrong, unless a rule holds.</summary>
    public void Require(bool holds, string member, string message)
    {
        if (!holds)
            Add(member, message);
    }
}

/// <summary>Something wrong with a command.</summary>
/// <param name="Member">The member, in the words of the command.</param>
/// <param name="Message">What is wrong with it.</param>
public sealed record ValidationProblem(string Member, string Message);

/// <summary>A command is not well formed. Nothing was loaded or written.</summary>
public sealed class ValidationFailedException(string command, IReadOnlyList<ValidationProblem> problems)
    : MillraceException($"The command '{command}' is not valid: "
        + string.Join(" ", problems.Select(problem => $"{problem.Member}: {problem.Message}")))
{
    /// <summary>The command's name.</summary>
    public string Command { get; } = command;

    /// <summary>Everything that is wrong.</summary>
    public IReadOnlyList<ValidationProblem> Problems { get; } = problems;
}
