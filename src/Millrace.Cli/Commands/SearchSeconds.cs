using System.CommandLine;

namespace Millrace.Cli.Commands;

/// <summary>The option that bounds how long a search of the history takes.</summary>
internal static class SearchSeconds
{
    private const double Usual = 30;
    private const double Least = 0.001;
    private const double Most = 3_600;

    public static Option<double> Create() => new("--seconds")
    {
        HelpName = "N",
        Description = "The most seconds to search; from 0.001 to 3,600. Then what was found so far is told, with exit code 8.",
        DefaultValueFactory = _ => Usual,
    };

    /// <exception cref="CliException">It is out of its range.</exception>
    public static TimeSpan Of(ToolCall call, Option<double> option) => call.Get(option) is var seconds and >= Least and <= Most
        ? TimeSpan.FromSeconds(seconds)
        : throw new CliException(ExitCode.Usage, "--seconds must be from 0.001 to 3,600.");
}
