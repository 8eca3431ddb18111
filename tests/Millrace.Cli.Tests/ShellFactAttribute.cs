namespace Millrace.Cli.Tests;

/// <summary>
/// Marks a test that needs a program such as a shell. The test is skipped if the program is missing, except in CI.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class ShellFactAttribute : FactAttribute
{
    public ShellFactAttribute(string program)
    {
        var isInstalled = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Any(folder => File.Exists(Path.Combine(folder, program)));
        if (!isInstalled && Environment.GetEnvironmentVariable("CI") is null or "")
            Skip = $"{program} is not installed on this machine.";
    }
}
