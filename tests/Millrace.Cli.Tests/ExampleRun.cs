namespace Millrace.Cli.Tests;

/// <summary>The expected result of a command line that the help shows as an example.</summary>
/// <param name="Line">The command line after <c>millrace</c>.</param>
/// <param name="ExitCode">The expected exit code.</param>
/// <param name="ExpectedTexts">
/// The texts that the output must contain. If the command fails, its error can contain them.
/// </param>
internal sealed record ExampleRun(string Line, int ExitCode, params string[] ExpectedTexts)
{
    /// <summary>Gets the command lines that run before the example. Each must succeed.</summary>
    public string[] Before { get; init; } = [];

    /// <summary>Gets whether the application of the shop runs during the command.</summary>
    public bool NeedsApplication { get; init; }

    /// <summary>Gets whether the command runs until the test interrupts it.</summary>
    public bool IsEndless { get; init; }

    /// <summary>Gets an action that adds files to the folder with the given path before the command runs.</summary>
    public Action<string> Prepare { get; init; } = static _ => { };

    /// <summary>Gets the file or folder that the command must create, or null for none.</summary>
    public string? Creates { get; init; }

    public override string ToString() => Line;
}
