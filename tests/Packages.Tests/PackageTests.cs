namespace Packages.Tests;

/// <summary>Tests the content of the packages.</summary>
[Collection(nameof(LocalFeed))]
public sealed class PackageTests(LocalFeed feed)
{
    [Fact]
    public void Each_package_contains_its_documentation_and_a_README()
    {
        Assert.NotEmpty(feed.Packages);
        // The tool and the templates are not libraries.
        foreach (var package in feed.Packages.Where(name => !name.StartsWith("Millrace.Cli.", StringComparison.Ordinal)
            && !name.StartsWith("Millrace.Templates.", StringComparison.Ordinal)))
        {
            var files = feed.FilesOf(package);

            Assert.Contains("README.md", files);
            Assert.Contains(
                files,
                file =>
                    file.StartsWith("lib/net10.0/", StringComparison.Ordinal)
                    && file.EndsWith(".xml", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void The_core_package_contains_the_generator_and_the_fixes()
    {
        var core = feed.Packages.Single(name => char.IsDigit(name["Millrace.".Length]));

        Assert.Equal(
            ["analyzers/dotnet/cs/Millrace.CodeFixes.dll", "analyzers/dotnet/cs/Millrace.Generators.dll"],
            feed.FilesOf(core)
                .Where(file => file.StartsWith("analyzers/", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_contract_file_in_the_project_folder_is_checked_without_a_setting()
    {
        using var shell = feed.NewShell("contract");
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
            Path.Combine(project,
                "events.contract.json"), """{ "events": { "order.placed": { "1": { "total": "decimal" } } } }""");

        var broken = await shell.Run("! dotnet build Shop -v q");
        var withAdditionalFile = await shell.Run("""
            sed -i 's|</Project>|<ItemGroup><AdditionalFiles Include="events.contract.json" /></ItemGroup></Project>|' Shop/Shop.csproj
            ! dotnet build Shop -v q
            """);

        Assert.Contains("MILL0110", broken, StringComparison.Ordinal);
        Assert.Contains("MILL0110", withAdditionalFile, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failing_generator_stops_the_build_of_each_project_with_the_package()
    {
        using var shell = feed.NewShell("failing-generator");
        await shell.Run("dotnet new classlib --name Failing --framework net10.0 --no-restore");
        await shell.Run(
            "dotnet new classlib --name Shop --framework net10.0 --no-restore && dotnet add Shop package Millrace");
        await shell.Run(
            "dotnet new classlib --name Web --framework net10.0 --no-restore && dotnet add Web reference Shop");
        var sdks = Path.GetDirectoryName(typeof(object).Assembly.Location) + "/../../../sdk";
        var compiler = Directory.GetFiles(sdks, "Microsoft.CodeAnalysis.dll", SearchOption.AllDirectories)
            .First(path => path.EndsWith("bincore/Microsoft.CodeAnalysis.dll", StringComparison.Ordinal));
        await File.WriteAllTextAsync(Path.Combine(shell.Folder, "Failing", "Class1.cs"), """
            using Microsoft.CodeAnalysis;

            [Generator(LanguageNames.CSharp)]
            public sealed class Failing : IIncrementalGenerator
            {
                public void Initialize(IncrementalGeneratorInitializationContext context) => context.RegisterSourceOutput(
                    context.CompilationProvider, (output, _) => throw new System.FormatException("It is bad."));
            }
            """);
        await shell.Run($$"""
            sed -i 's|</Project>|<ItemGroup><Reference Include="{{compiler}}" /></ItemGroup></Project>|' Failing/Failing.csproj
            dotnet build Failing -v q -o analyzer
            """);
        const string Analyzer = "<ItemGroup><Analyzer Include=\"../analyzer/Failing.dll\" /></ItemGroup></Project>";

        var ownBuild = await shell.Run($"sed -i 's|</Project>|{Analyzer}|' Shop/Shop.csproj\n! dotnet build Shop -v q");
        await shell.Run($"sed -i 's|{Analyzer}|</Project>|' Shop/Shop.csproj");
        var other = await shell.Run($"sed -i 's|</Project>|{Analyzer}|' Web/Web.csproj\n! dotnet build Web -v q");

        Assert.Contains("error CS8785", ownBuild, StringComparison.Ordinal);
        Assert.Contains("error CS8785", other, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_conformance_suite_of_the_packages_finds_an_injected_fault()
    {
        using var shell = feed.NewShell("conformance");
        await File.WriteAllTextAsync(Path.Combine(shell.Folder, "Suite.csproj"), """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="Millrace" Version="*" />
                <PackageReference Include="Millrace.Testing" Version="*" />
              </ItemGroup>
            </Project>
            """);
        await File.WriteAllTextAsync(Path.Combine(shell.Folder, "Program.cs"), """
            using Millrace.Storage;
            using Millrace.Storage.InMemory;
            using Millrace.Testing;

            foreach (var make in new Func<IStorage>[] { () => new InMemoryStorage(), () => new Forgetful() })
            {
                var report = await new Suite(make).RunAll(StorageFeatures.None);
                Console.WriteLine($"{make().Description}: {report.Passed.Count} passed, sound {report.IsSound}");
                foreach (var failure in report.Failed)
                    Console.WriteLine($"  {failure.Reason.Message}");
            }

            internal sealed class Suite(Func<IStorage> make) : StorageConformance
            {
                protected override ValueTask<IStorage> Create(CancellationToken cancellationToken) => new(make());
            }

            /// <summary>A storage with a mistake: its leases do not see what commits write.</summary>
            internal sealed class Forgetful : IStorage
            {
                private readonly InMemoryStorage _inner = new(), _other = new();

                public string Description => "forgetful";
                public ILogStorage Log => _inner.Log;
                public IDocumentStorage Documents => _inner.Documents;
                public ILeaseStorage Leases => _other.Leases;
                public IDeadLetterStorage DeadLetters => _inner.DeadLetters;
                public IMaintenanceStorage Maintenance => _inner.Maintenance;

                public async ValueTask Open(CancellationToken cancellationToken)
                {
                    await _inner.Open(cancellationToken);
                    await _other.Open(cancellationToken);
                }

                public async ValueTask DisposeAsync()
                {
                    await _inner.DisposeAsync();
                    await _other.DisposeAsync();
                }
            }
            """);

        var lines = (await shell.Run("dotnet run")).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.Matches("^in memory: [12][0-9]{2} passed, sound True$", lines[0]);
        Assert.Matches("^forgetful: [12][0-9]{2} passed, sound False$", lines[1]);
        Assert.Contains(
            lines.Skip(2), line => line.StartsWith("  A checkpoint changes together", StringComparison.Ordinal));
        Assert.DoesNotContain(
            lines.Skip(2), line => line.StartsWith("  A holder that renews", StringComparison.Ordinal));
    }

    [Fact]
    public void The_core_package_contains_the_pages_that_diagnostics_name()
    {
        var core = feed.Packages.Single(name => char.IsDigit(name["Millrace.".Length]));
        var files = feed.FilesOf(core);

        Assert.Contains("docs/reference/diagnostics/README.md", files);
        Assert.Contains("docs/reference/diagnostics/MILL0061.md", files);
    }
}
