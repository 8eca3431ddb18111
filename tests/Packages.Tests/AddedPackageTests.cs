namespace Packages.Tests;

/// <summary>Tests packages that a page adds to an existing project, such as storages and the test kit.</summary>
[Collection(nameof(LocalFeed))]
public sealed class AddedPackageTests(LocalFeed feed)
{
    [Fact]
    public async Task An_application_switches_to_PostgreSQL_with_a_package_and_a_line()
    {
        const string Line = "builder.Services.AddMillrace(";
        using var shell = feed.NewShell("to-postgresql");
        await shell.Run("dotnet new web -n Shop && cd Shop && dotnet add package Millrace.AspNetCore");
        var program = First("README.md", "csharp").Split('\n');
        var changed = First(Path.Combine("docs", "how-to", "run-on-postgresql.md"), "csharp")
            .Split('\n')
            .Single(IsStore);
        await File.WriteAllLinesAsync(
            Path.Combine(shell.Folder, "Program.cs"), program.Select(line => IsStore(line) ? changed : line));

        var before = await shell.Run("! dotnet build -v q");
        await shell.Run("dotnet add package Millrace.PostgreSql && dotnet build -v q");

        Assert.Contains("UsePostgreSql", before, StringComparison.Ordinal);
        Assert.Single(program, IsStore);

        static bool IsStore(string line) => line.StartsWith(Line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_application_publishes_over_each_broker_with_a_package_and_the_lines_of_its_page()
    {
        (string Package, string Page)[] brokers =
        [
            ("Millrace.Redis", "publish-to-redis.md"),
            ("Millrace.RabbitMq", "publish-to-rabbitmq.md"),
            ("Millrace.Kafka", "publish-to-kafka.md"),
        ];
        using var shell = feed.NewShell("to-brokers");
        await shell.Run("dotnet new web -n Shop && cd Shop && dotnet add package Millrace.AspNetCore");
        await shell.Run("dotnet add package Millrace.Sqlite");

        foreach (var (package, page) in brokers)
        {
            await shell.Run($"dotnet add package {package}");
            await File.WriteAllTextAsync(
                Path.Combine(shell.Folder, "Program.cs"),
                "using Millrace;\n" + First(Path.Combine("docs", "how-to", page), "csharp"));
            await shell.Run("dotnet build -v q");
        }
    }

    [Fact]
    public async Task A_project_can_use_the_test_kit_and_its_FsCheck_extension()
    {
        using var shell = feed.NewShell("with-kit");
        await shell.Run("dotnet new classlib -n Tests && cd Tests");
        await shell.Run("dotnet add package Millrace.Testing && dotnet add package Millrace.Testing.FsCheck");
        await File.WriteAllTextAsync(Path.Combine(shell.Folder, "Class1.cs"), """
            using Millrace;
            using Millrace.Testing;

            public static class LampTests
            {
                public static void It_burns_once() => Specification.For<Lamp>().When(lamp => lamp.Light()).Then(new LampLit("sample"));

                public static void It_keeps_its_state() => Histories.Of<Lamp>("hall").Command("light", lamp => lamp.Light()).Check();
            }

            [Model] public sealed partial class Lamps;

            [Event("lamp.lit")] public sealed record LampLit(string Lamp);

            [Stream("lamp")]
            public sealed partial class Lamp : Aggregate<string>
            {
                public void Light() => Raise(new LampLit(Id));
            }
            """);

        await shell.Run("dotnet build -v q");
    }

    [Fact]
    public async Task The_commands_of_a_page_work_for_its_readers()
    {
        var howTo = Path.Combine("docs", "how-to", "README.md");
        using var shell = feed.NewShell("try-a-page");
        // Only a package server knows the newest version, but not the feed of a test.
        await shell.Run(
            First(howTo, "sh").Replace("xunit.assert", "xunit.assert --version 2.9.3", StringComparison.Ordinal));
        var page = Blocks(Path.Combine("docs", "how-to", "handle-failures.md"), "csharp").ToList();
        var types = page.Single(block => block.Contains("[Model]", StringComparison.Ordinal));
        var statements = string.Concat(page.Where(block => block != types)).Split('\n');
        var program = First(howTo, "csharp")
            .Split('\n')
            .SelectMany(line =>
                line.StartsWith("// The statements", StringComparison.Ordinal)
                    ? statements.Where(text => !IsUsing(text))
                : line.StartsWith("[Model]", StringComparison.Ordinal) ? [types]
                : [line]);
        await File.WriteAllLinesAsync(
            Path.Combine(shell.Folder, "Program.cs"), statements.Where(IsUsing).Concat(program));

        await shell.Run("dotnet run");

        Assert.True(statements.Length > 20, "The page must have statements.");

        static bool IsUsing(string line) => line.StartsWith("using Millrace", StringComparison.Ordinal);
    }

    /// <summary>Returns the first block of a page in a language.</summary>
    private static string First(string page, string language) => Blocks(page, language).First();

    private static IEnumerable<string> Blocks(string page, string language) =>
        Fence.Of(page).Where(fence => fence.Info == language).Select(fence => fence.Text + "\n");
}
