using System.CommandLine;

namespace Millrace.Cli.Builds;

/// <summary>The option by which a command learns which build of the application is meant.</summary>
internal static class BuildOption
{
    public const string Variable = "MILLRACE_BUILD";

    /// <param name="otherwise">What is meant when neither the option nor the variable names one; null for
    /// nothing.</param>
    public static Option<string?> Create(string? otherwise = null) => new("--build", "-b")
    {
        HelpName = "PATH",
        Description = $"The application's assembly, or the folder it was built to. Default: ${Variable}"
            + (otherwise is null ? "." : $", else {otherwise}."),
    };

    /// <summary>The same where naming one changes what the command does, so that the variable does not count.</summary>
    public static Option<string?> Explicit(string meaning) =>
        new("--build", "-b") { HelpName = "PATH", Description = meaning };

    /// <summary>Loads the build that was named.</summary>
    /// <exception cref="CliException">None is named, or it cannot be used.</exception>
    public static ModelBuild Load(ToolInvocation call, Option<string?> option) => ModelBuild.Load(PathOf(call, option));

    /// <summary>Loads the build that was named, or another.</summary>
    /// <exception cref="CliException">It cannot be used.</exception>
    public static ModelBuild Load(ToolInvocation call, Option<string?> option, Func<string> otherwise) =>
        ModelBuild.Load(Named(call, option) ?? otherwise());

    /// <summary>The build that the option or the variable names; null for none.</summary>
    public static string? Named(ToolInvocation call, Option<string?> option)
    {
        if (call.Get(option) is { Length: > 0 } given)
            return given;
        return Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } variable ? variable : null;
    }

    private static string PathOf(ToolInvocation call, Option<string?> option) => Named(call, option)
            ?? throw new CliException(
                ExitCode.Usage,
                "No build was named.",
                $"Name the application's assembly or the folder it was built to with --build PATH, or set {Variable}.");
}
