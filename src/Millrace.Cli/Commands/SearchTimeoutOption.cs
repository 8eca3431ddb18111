using System.CommandLine;

namespace Millrace.Cli.Commands;

/// <summary>The option that bounds how long a search of the history takes.</summary>
internal static class SearchTimeoutOption
{
    private const double DefaultSeconds = 30;
    private const double MinSeconds = 0.001;
    private const double MaxSeconds = 3_600;

    public static Option<double> Create() =>
        new("--seconds")
        {
            HelpName = "N",
            Description =
                "The most seconds to search; from 0.001 to 3,600. Then what was found so far is told, with exit "
                    + "code 8.",
            DefaultValueFactory = _ => DefaultSeconds,
        };

    /// <exception cref="CliException">It is out of its range.</exception>
    public static TimeSpan Of(ToolInvocation call, Option<double> option) =>
        call.Get(option) is var seconds and >= MinSeconds and <= MaxSeconds
            ? TimeSpan.FromSeconds(seconds)
            : throw new CliException(ExitCode.Usage, "--seconds must be from 0.001 to 3,600.");
}
