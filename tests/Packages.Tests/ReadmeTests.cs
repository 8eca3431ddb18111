using Servers;

namespace Packages.Tests;

/// <summary>Tests that the first example of the README is a complete program that handles the shown requests.</summary>
[Collection(nameof(LocalFeed))]
public sealed class ReadmeTests(LocalFeed feed)
{
    [Fact]
    public async Task The_first_example_runs_and_handles_its_requests()
    {
        using var shell = feed.NewShell("readme");
        await shell.Run("dotnet new web -n Shop && cd Shop");
        await shell.Run("dotnet add package Millrace.AspNetCore && dotnet add package Millrace.Sqlite");
        var fences = Fence.Of("README.md").ToList();
        await File.WriteAllTextAsync(
            Path.Combine(shell.Folder, "Program.cs"), fences.First(static fence => fence.Info == "csharp").Text);
        var port = FreePorts.Take();
        var lines = fences.First(static fence => fence.Info == "sh").Text
            .Replace("localhost:5000", $"localhost:{port}", StringComparison.Ordinal)
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await shell.Run("dotnet build -v q");

        var start = lines[0].TrimEnd(' ', '&').Replace("dotnet run", "dotnet run --no-build", StringComparison.Ordinal);
        await shell.Start(start, ready: "Application started");
        var ordered = await shell.Run(lines[1]);
        // Without the token, the read model may not contain the order yet.
        var sales = await shell.Run($"for i in $(seq 100); do {lines[2]} --fail -s && break; sleep 0.1; done");

        Assert.Equal(3, lines.Length);
        Assert.Contains("204 No Content", ordered, StringComparison.Ordinal);
        Assert.EndsWith("\"total\":12.5}", sales.Trim(), StringComparison.Ordinal);
    }
}
