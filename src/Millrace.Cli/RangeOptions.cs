using System.CommandLine;

namespace Millrace.Cli;

/// <summary>The options by which commands that go through the log say from where to where.</summary>
internal sealed class RangeOptions
{
    private readonly Option<long> _after = new("--after")
    {
        HelpName = "POSITION",
        Description = "Begins behind this position.",
        DefaultValueFactory = _ => 0,
    };

    private readonly Option<long?> _to = new("--to")
    {
        HelpName = "POSITION",
        Description = "Ends with this position; by default where the log ends at the start.",
    };

    public RangeOptions AddTo(Command command)
    {
        command.Options.Add(_after);
        command.Options.Add(_to);
        return this;
    }

    /// <summary>What they say, with a line that tells how far it is.</summary>
    public ReplayOptions Of(ToolInvocation call, ProgressIndicator bar, string done) => new()
    {
        After = call.Get(_after),
        To = call.Get(_to),
        Progress = new SynchronousProgress<ReplayProgress>(progress => bar.Show(done, progress.Position, progress.To)),
    };
}
