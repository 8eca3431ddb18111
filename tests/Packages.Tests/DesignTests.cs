namespace Packages.Tests;

/// <summary>
/// Tests that a project that the tool creates from a design builds with the current packages and passes its tests.
/// </summary>
[Collection(nameof(LocalFeed))]
public sealed class DesignTests(LocalFeed feed)
{
    public static TheoryData<string, string> Designs { get; } = TestRun.IsLong
        ? new() { { "orders", "Shop" }, { "reading", "Reading" } }
        : new() { { "orders", "Shop" } };

    [Theory]
    [MemberData(nameof(Designs))]
    public async Task A_designed_project_builds_without_a_warning_and_passes_its_tests(
        string design, string application)
    {
        using var shell = feed.NewShell("design-" + design);
        var tool = Path.Combine(
            feed.Root,
            "artifacts",
            "bin",
            "Millrace.Cli",
            LocalFeed.Configuration.ToLowerInvariant(),
            "Millrace.Cli.dll");

        await shell.Run($"dotnet '{tool}' design '{feed.Root}/samples/Designs/{design}.design' --out {application}");
        var build = await shell.Run($"cd {application} && dotnet build --nologo");
        var test = await shell.Run("dotnet test --no-build --nologo");

        Assert.Contains("0 Warning(s)", build, StringComparison.Ordinal);
        Assert.Contains("Passed!", test, StringComparison.Ordinal);
    }
}
