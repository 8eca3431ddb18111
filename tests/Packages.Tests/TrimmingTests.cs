using System.Runtime.InteropServices;

namespace Packages.Tests;

/// <summary>The libraries survive trimming: an application that uses them is published trimmed, without a warning, and
/// run.</summary>
[Collection(nameof(LocalFeed))]
public sealed class TrimmingTests(LocalFeed feed)
{
    [Fact]
    public async Task A_trimmed_application_does_all_that_the_whole_one_does()
    {
        using var shell = feed.Begin("trimmed");
        var project = Path.Combine(feed.Root, "tests", "TrimmedApp", "TrimmedApp.csproj");

        // In its own folder: the other tests are using the repository's output. The linker tells what cannot be
        // trimmed; the analyzers have read these files when they were built.
        await shell.Run(
            $"dotnet publish '{project}' -c Release -r {RuntimeInformation.RuntimeIdentifier} --self-contained "
            + "--artifacts-path build -o published -p:RunAnalyzers=false --nologo -v q");
        var output = await shell.Run("./published/TrimmedApp trimmed.db");

        Assert.Contains("The trimmed application works.", output, StringComparison.Ordinal);
    }
}
