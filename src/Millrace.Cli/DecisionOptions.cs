using System.CommandLine;

namespace Millrace.Cli;

/// <summary>Who decides, and why: recorded with the decision.</summary>
internal sealed class DecisionOptions
{
    private readonly Option<string> _by = new("--by")
    {
        HelpName = "NAME",
        Description = "Who decides; the user of the system by default.",
        DefaultValueFactory = _ => Environment.UserName,
    };

    private readonly Option<string?> _reason = new("--reason")
    {
        HelpName = "TEXT",
        Description = "Why; it is recorded.",
    };

    public void AddTo(Command command)
    {
        command.Options.Add(_by);
        command.Options.Add(_reason);
    }

    public string By(ToolInvocation call) => call.Get(_by)!; // It has a value by default.

    public string? Reason(ToolInvocation call) => call.Get(_reason);
}
