using System.CommandLine;

namespace Millrace.Cli.Commands;

/// <summary>The option that limits the duration of a search.</summary>
internal static class SearchTimeoutOption
{
    private const double MinSeconds = 0.001;
    private const double MaxSeconds = 3_600;

    public static Option<double> Create() =>
        new("--seconds")
        {
            HelpName = "N",
            Description =
                "The maximum seconds to search, from 0.001 to 3,600. At the limit, the results so far are shown, with "
                    + "exit code 8.",
            DefaultValueFactory = _ => new ExplanationOptions().TimeLimit.TotalSeconds,
        };

    /// <exception cref="CliException">The value is out of range.</exception>
    public static TimeSpan Of(ToolInvocation call, Option<double> option) =>
        call.Get(option) is var seconds and >= MinSeconds and <= MaxSeconds
            ? TimeSpan.FromSeconds(seconds)
            : throw new CliException(ExitCode.Usage, "--seconds must be from 0.001 to 3,600.");
}
