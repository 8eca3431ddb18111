namespace Packages.Tests;

/// <summary>What is in the packages that users install.</summary>
[Collection(nameof(LocalFeed))]
public sealed class PackageTests(LocalFeed feed)
{
    [Fact]
    public void Each_package_carries_its_documentation_and_a_read_me()
    {
        Assert.NotEmpty(feed.Packages);
        // A tool and templates are no libraries.
        foreach (var package in feed.Packages.Where(name => !name.StartsWith("Millrace.Cli.", StringComparison.Ordinal)
            && !name.StartsWith("Millrace.Templates.", StringComparison.Ordinal)))
        {
            var files = feed.FilesOf(package);

            Assert.Contains("README.md", files);
            Assert.Contains(files, file =>
                file.StartsWith("lib/net10.0/", StringComparison.Ordinal) && file.EndsWith(".xml", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void The_generator_and_the_fixes_come_with_the_core()
    {
        var core = feed.Packages.Single(name => char.IsDigit(name["Millrace.".Length]));

        Assert.Equal(
            ["analyzers/dotnet/cs/Millrace.CodeFixes.dll", "analyzers/dotnet/cs/Millrace.Generators.dll"],
            feed.FilesOf(core).Where(file => file.StartsWith("analyzers/", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_contract_beside_the_project_is_held_against_it_without_a_word_in_the_project_file()
    {
        using var shell = feed.Begin("contract");
        await shell.Run("dotnet new classlib --name Shop --framework net10.0 --no-restore");
        await shell.Run("dotnet add Shop package Millrace");
        var project = Path.Combine(shell.Folder, "Shop");
        await File.WriteAllTextAsync(Path.Combine(project, "Class1.cs"), """
            using Millrace;

            [Model] public sealed partial class Shop;
            [Event("order.placed")] public sealed record OrderPlaced(string Total);
            """);
        await shell.Run("dotnet build Shop -v q");
        await File.WriteAllTextAsync(
            Path.Combine(project, "events.contract.json"), """{ "events": { "order.placed": { "1": { "total": "decimal" } } } }""");

        var broken = await shell.Run("! dotnet build Shop -v q");
        var named = await shell.Run("""
            sed -i 's|</Project>|<ItemGroup><AdditionalFiles Include="events.contract.json" /></ItemGroup></Project>|' Shop/Shop.csproj
            ! dotnet build Shop -v q
            """);

        Assert.Contains("MILL0110", broken, StringComparison.Ordinal);
        Assert.Contains("MILL0110", named, StringComparison.Ordinal);
    }

    [Fact]
    public void The_pages_that_diagnostics_name_come_with_the_core()
    {
        var core = feed.Packages.Single(name => char.IsDigit(name["Millrace.".Length]));
        var files = feed.FilesOf(core);

        Assert.Contains("docs/reference/diagnostics/README.md", files);
        Assert.Contains("docs/reference/diagnostics/MILL0061.md", files);
    }
}
