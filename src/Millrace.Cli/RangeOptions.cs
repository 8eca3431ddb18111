using System.CommandLine;
using Millrace.Cli.Output;

namespace Millrace.Cli;

/// <summary>The options for a range of the log.</summary>
internal sealed class RangeOptions
{
    private readonly Option<long> _after = new("--after")
    {
        HelpName = "POSITION",
        Description = "Starts after this position.",
        DefaultValueFactory = _ => 0,
    };

    private readonly Option<long?> _to = new("--to")
    {
        HelpName = "POSITION",
        Description = "Ends with this position; by default, the end of the log at the start of the command.",
    };

    public RangeOptions AddTo(Command command)
    {
        command.Options.Add(_after);
        command.Options.Add(_to);
        return this;
    }

    /// <summary>Returns the range, with a progress line.</summary>
    public ReplayOptions Of(ToolInvocation call, ProgressIndicator bar, string done) => new()
    {
        After = call.Get(_after),
        To = call.Get(_to),
        Progress = new SynchronousProgress<ReplayProgress>(progress => bar.Show(done, progress.Position, progress.To)),
    };
}
