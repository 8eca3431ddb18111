using System.Runtime.InteropServices;

namespace Packages.Tests;

/// <summary>Tests that an application with the libraries is trimmed without a warning and then runs.</summary>
[Collection(nameof(LocalFeed))]
public sealed class TrimmingTests(LocalFeed feed)
{
    [Fact]
    [Trait(TestRun.Kind, TestRun.Long)] // Two minutes; the analyzers for trimming run in each build.
    public async Task A_trimmed_application_works_like_the_complete_one()
    {
        using var shell = feed.NewShell("trimmed");
        var project = Path.Combine(feed.Root, "tests", "TrimmedApp", "TrimmedApp.csproj");

        // A separate output folder, because other tests use the output of the repository. The linker reports code that
        // cannot be trimmed. The analyzers are disabled, because they have already checked these files.
        await shell.Run(
            $"dotnet publish '{project}' -c Release -r {RuntimeInformation.RuntimeIdentifier} --self-contained "
            + "--artifacts-path build -o published -p:RunAnalyzers=false --nologo -v q");
        var output = await shell.Run("./published/TrimmedApp trimmed.db");

        Assert.Contains("The trimmed application works.", output, StringComparison.Ordinal);
    }
}
