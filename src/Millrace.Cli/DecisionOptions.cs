using System.CommandLine;

namespace Millrace.Cli;

/// <summary>The options for the user and the reason of a decision. The store records both with the decision.</summary>
/// <param name="by">The description of the option for the user.</param>
/// <param name="reason">The description of the option for the reason.</param>
/// <param name="requiresReason">True if the reason is required.</param>
internal sealed class DecisionOptions(
    string by = "The name of the user who decides; by default the current user.",
    string reason = "The reason, which is recorded.",
    bool requiresReason = false)
{
    private readonly Option<string> _by = new("--by")
    {
        HelpName = "NAME",
        Description = by,
        DefaultValueFactory = _ => Environment.UserName,
    };

    private readonly Option<string?> _reason = new("--reason")
    {
        HelpName = "TEXT",
        Description = reason,
        Required = requiresReason,
    };

    public void AddTo(Command command)
    {
        command.Options.Add(_by);
        command.Options.Add(_reason);
    }

    public string By(ToolInvocation call) => call.Get(_by)!; // The option has a default value.

    public string? Reason(ToolInvocation call) => call.Get(_reason);

    /// <exception cref="CliException">There is no reason.</exception>
    public string RequiredReason(ToolInvocation call) =>
        Reason(call) is { } reason && !string.IsNullOrWhiteSpace(reason)
            ? reason
            : throw new CliException(ExitCode.Usage, "--reason is missing. It is recorded with the change.");

    /// <param name="call">The call.</param>
    /// <param name="example">A reason, for the message.</param>
    /// <exception cref="CliException">There is no reason.</exception>
    public string RequiredReason(ToolInvocation call, string example) =>
        Reason(call) is { } reason && !string.IsNullOrWhiteSpace(reason)
            ? reason
            : throw new CliException(
                ExitCode.Usage, "A reason is required. It is recorded.", $"Specify it: --reason '{example}'");

    /// <exception cref="CliException">There is a name: the user of the token decides.</exception>
    public void RefuseByWithServer(ToolInvocation call)
    {
        if (call.Has(_by))
            throw new CliException(ExitCode.Usage, "--by is not valid with --server: the user of the token decides.");
    }
}
