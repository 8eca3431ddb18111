using System.CommandLine;

namespace Millrace.Cli.Builds;

/// <summary>The option that specifies the build of the application.</summary>
internal static class BuildOption
{
    public const string Variable = "MILLRACE_BUILD";

    /// <param name="defaultBuild">A description of the default build, or null when the command has no default
    /// build.</param>
    public static Option<string?> Create(string? defaultBuild = null) => new("--build", "-b")
    {
        HelpName = "PATH",
        Description = $"The application's assembly, or its build output folder. Default: ${Variable}"
            + (defaultBuild is null ? "." : $", otherwise {defaultBuild}."),
    };

    /// <summary>
    /// Creates the option for a command that behaves differently with a build. Such a command ignores the environment
    /// variable.
    /// </summary>
    public static Option<string?> CreateWithoutVariable(string meaning) =>
        new("--build", "-b") { HelpName = "PATH", Description = meaning };

    /// <summary>Loads the specified build.</summary>
    /// <exception cref="CliException">No build is specified, or it cannot be loaded.</exception>
    public static ModelBuild Load(ToolInvocation call, Option<string?> option) => ModelBuild.Load(PathOf(call, option));

    /// <summary>Loads the specified build. If no build is specified, loads the default build.</summary>
    /// <exception cref="CliException">The build cannot be loaded.</exception>
    public static ModelBuild Load(ToolInvocation call, Option<string?> option, Func<string> defaultBuild) =>
        ModelBuild.Load(FindPath(call, option) ?? defaultBuild());

    /// <summary>Returns the path from the option or the environment variable, or null when neither is set.</summary>
    public static string? FindPath(ToolInvocation call, Option<string?> option)
    {
        if (call.Get(option) is { Length: > 0 } path)
            return path;
        return Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } variable ? variable : null;
    }

    private static string PathOf(ToolInvocation call, Option<string?> option) => FindPath(call, option)
            ?? throw new CliException(
                ExitCode.Usage,
                "No build was specified.",
                $"Specify the application's assembly or its build output folder with --build PATH, or set {Variable}.");
}
