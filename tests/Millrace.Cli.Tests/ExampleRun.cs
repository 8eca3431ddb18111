namespace Millrace.Cli.Tests;

/// <summary>What an example of the help has to do when it is run.</summary>
/// <param name="Line">The example, behind <c>millrace</c>.</param>
/// <param name="Code">The exit code.</param>
/// <param name="Says">What its output says, or its error where it fails.</param>
internal sealed record ExampleRun(string Line, int Code, params string[] Says)
{
    /// <summary>What is run before, and must succeed.</summary>
    public string[] Before { get; init; } = [];

    /// <summary>Whether the shop's application runs at the same time.</summary>
    public bool IsBesideApplication { get; init; }

    /// <summary>True when it runs until it is interrupted.</summary>
    public bool IsEndless { get; init; }

    /// <summary>What else is put into the folder; given its path.</summary>
    public Action<string> Prepare { get; init; } = static _ => { };

    /// <summary>The file that it leaves; null for none.</summary>
    public string? Leaves { get; init; }

    public override string ToString() => Line;
}
