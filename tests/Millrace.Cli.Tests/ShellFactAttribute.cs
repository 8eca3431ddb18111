namespace Millrace.Cli.Tests;

/// <summary>A test in a real shell: skipped where there is none, but never in CI.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ShellFactAttribute : FactAttribute
{
    public ShellFactAttribute(string program)
    {
        var isThere = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Any(folder => File.Exists(Path.Combine(folder, program)));
        if (!isThere && Environment.GetEnvironmentVariable("CI") is null or "")
            Skip = $"There is no {program} on this machine.";
    }
}
