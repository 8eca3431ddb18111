using System.Text.RegularExpressions;
using Servers;

namespace Packages.Tests;

/// <summary>Tests that projects from the templates build without a warning, pass their tests and run.</summary>
[Collection(nameof(LocalFeed))]
public sealed partial class TemplateTests(LocalFeed feed)
{
    private static int _projectCount;

    [Fact]
    public async Task A_new_application_builds_passes_its_tests_and_handles_a_command()
    {
        using var shell = await Create("millrace-app", "Help-Desk");
        var port = FreePorts.Take();

        var tested = await shell.Run("dotnet build --nologo -v q -warnaserror\ndotnet test --no-build --nologo");
        await shell.Start("dotnet run --no-build --project src/Help-Desk --urls "
            + $"http://127.0.0.1:{port}", ready: "Application started");
        var answer = await shell.Run($$"""
            curl --fail-with-body -sS http://127.0.0.1:{{port}}/tickets/open --json '{"ticket":"T-1","title":"No ink"}' -D headers.txt
            token=$(grep -i '^millrace-token' headers.txt | tr -d '\r')
            curl --fail-with-body -sS 'http://127.0.0.1:{{port}}/tickets/T-1?wait=00:00:30' -H "$token"
            echo
            curl -sS -o refused.json -w '%{http_code}' http://127.0.0.1:{{port}}/tickets/open --json '{"ticket":"T-2","title":" "}'
            """);

        Assert.Matches(@"Passed!\s+- Failed:\s+0, Passed:\s+5", tested);
        Assert.Contains("""{"ticket":"T-1","title":"No ink"}""", Regex.Replace(answer, @",?""person"":null", ""), StringComparison.Ordinal);
        Assert.EndsWith("422", answer.Trim(), StringComparison.Ordinal);
        Assert.Contains("ticket-has-title", await File.ReadAllTextAsync(Path.Combine(shell.Folder, "refused.json")),
            StringComparison.Ordinal);
        using var toolShell = feed.RepositoryShellIn(shell);
        var tail = InspectStoreSection()
            .Match(await File.ReadAllTextAsync(Path.Combine(shell.Folder, "README.md")))
            .Groups[1]
            .Value;
        Assert.Contains("ticket.opened", await toolShell.Run($"{Tool} {tail}"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("in-memory-with-persistence", ".UseSqlite(", ".KeepLogInMemory()")]
    [InlineData("hybrid", ".UsePostgreSql(", ".UseBackup(")]
    public async Task A_new_application_with_another_storage_builds(string storage, string first, string second)
    {
        using var shell = await Create("millrace-app", "Desk", $"--storage {storage}");

        await shell.Run("dotnet build src/Desk --nologo -v q -warnaserror");

        var program = await File.ReadAllTextAsync(Path.Combine(shell.Folder, "src", "Desk", "Program.cs"));
        Assert.Contains(first, program, StringComparison.Ordinal);
        Assert.Contains(second, program, StringComparison.Ordinal);
        Assert.DoesNotContain("#if", program, StringComparison.Ordinal);
    }

    /// <summary>
    /// Follows the README of the application. A new event is reported and accepted, and an event that was never stored
    /// is removed again.
    /// </summary>
    [Fact]
    public async Task The_contract_file_of_a_new_application_is_up_to_date_and_can_be_extended_and_reduced()
    {
        using var shell = await Create("millrace-app", "Desk");
        await shell.Run("dotnet build src/Desk --nologo -v q");
        using var toolShell = feed.RepositoryShellIn(shell);
        var first = await toolShell.Run($"{Tool} schema accept --check");
        var events = Path.Combine(shell.Folder, "src", "Desk", "Events.cs");
        var before = await File.ReadAllTextAsync(events);

        await File.AppendAllTextAsync(
            events, "\n[Event(\"ticket.reopened\")] public sealed record TicketReopened(TicketId Ticket);\n");
        var early = await toolShell.Run($"! {Tool} schema accept 2>&1");
        var built = await shell.Run("dotnet build src/Desk --nologo -v q");
        var accepted = await toolShell.Run($"{Tool} schema accept");
        await shell.Run("dotnet build src/Desk --nologo -v q -warnaserror");
        await File.WriteAllTextAsync(events, before);
        var refused = await shell.Run("! dotnet build src/Desk --nologo -v q");
        var forgotten = await toolShell.Run($"{Tool} schema forget 'ticket.reopened'");
        await shell.Run("dotnet build src/Desk --nologo -v q -warnaserror");

        Assert.Contains("src/Desk/events.contract.json is up to date.", first, StringComparison.Ordinal);
        Assert.Contains(
            $"before {Path.Combine("src", "Desk", "Events.cs")} was changed", early, StringComparison.Ordinal);
        Assert.Contains("warning MILL0111", built, StringComparison.Ordinal);
        Assert.Contains("events.contract.json was written.", accepted, StringComparison.Ordinal);
        Assert.Contains("'millrace schema forget ticket.reopened'", refused, StringComparison.Ordinal);
        Assert.Contains("'ticket.reopened' version 1", forgotten, StringComparison.Ordinal);
    }

    /// <summary>
    /// Adds an aggregate, a projection and tests as the README describes, in separate files without usings.
    /// </summary>
    [Fact]
    [Trait(TestRun.Kind, TestRun.Long)] // Half a minute.
    public async Task Additional_files_need_no_usings_and_a_test_without_an_expectation_is_reported()
    {
        using var shell = await Create("millrace-app", "Desk");
        foreach (var (file, text) in Added)
            await File.WriteAllTextAsync(Path.Combine(shell.Folder, file), text);
        var program = Path.Combine(shell.Folder, "src", "Desk", "Program.cs");
        var before = await File.ReadAllTextAsync(program);
        await File.WriteAllTextAsync(program, before.Replace("app.Run();", """
            app.MapCommand<AddPrinter>("/printers/add");
            app.MapGet("/printers", (RequestToken after, IReadModel<PrinterId, PrinterCard> printers, CancellationToken stop)
                => printers.Query(new ReadQuery { Limit = 100 }, after, stop).ToResult());
            app.Run();
            """, StringComparison.Ordinal));

        var tested = await shell.Run("dotnet test --nologo");
        await File.WriteAllTextAsync(Path.Combine(shell.Folder, "tests", "Desk.Tests", "EmptyTests.cs"), """
            namespace Desk.Tests;

            public sealed class EmptyTests
            {
                [Fact]
                public void A_printer_is_added() => Specification.For<Printer>().When(printer => printer.Add("left"));

                [Fact]
                public void A_ticket_is_opened() => Specification.ForHost<AppModel>().When(new AddPrinter(new("P-1"), "left"));
            }
            """);
        var warned = await shell.Run("! dotnet build --nologo -v q");

        Assert.Matches(@"Passed!\s+- Failed:\s+0, Passed:\s+8", tested);
        Assert.Contains("error MILL0260", warned, StringComparison.Ordinal);
        Assert.Contains("error MILL0261", warned, StringComparison.Ordinal);
    }

    private static IEnumerable<(string File, string Text)> Added =>
    [
        ("src/Desk/Printer.cs", """
            namespace Desk;

            [Id<string>] public readonly partial record struct PrinterId;

            [Event("printer.added")] public sealed record PrinterAdded(PrinterId Printer, string Place);

            public sealed record AddPrinter(PrinterId Printer, string Place) : ICommand;

            [Stream("printer")]
            public sealed partial class Printer : Aggregate<PrinterId>
            {
                private string? _place;

                public void Add(string place)
                {
                    Require(_place is null, "printer-is-new", "The printer is there already.");
                    Raise(new PrinterAdded(Id, place));
                }

                private void When(PrinterAdded added) => _place = added.Place;
            }

            public static class PrinterHandlers
            {
                public static void Handle(AddPrinter command, [OrNew] Printer printer) => printer.Add(command.Place);
            }
            """),
        ("src/Desk/PrinterList.cs", """
            namespace Desk;

            public sealed record PrinterCard(PrinterId Printer, string Place);

            [Projection("printers")]
            public sealed partial class PrinterList : Projection<PrinterId, PrinterCard>
            {
                public static PrinterId Key(PrinterAdded added) => added.Printer;

                public static PrinterCard? Apply(PrinterCard? card, PrinterAdded added) => new(added.Printer, added.Place);
            }
            """),
        ("tests/Desk.Tests/PrinterTests.cs", """
            namespace Desk.Tests;

            public sealed class PrinterTests
            {
                private static readonly PrinterId Left = new("P-1");

                [Fact]
                public void A_printer_is_added_once() => Specification.For<Printer>(Left)
                    .Given(new PrinterAdded(Left, "left"))
                    .When(printer => printer.Add("right"))
                    .ThenRefused("printer-is-new");

                [Fact]
                public async Task The_list_shows_it() => await Specification.ForHost<AppModel>()
                    .When(new AddPrinter(Left, "left"))
                    .ThenReadModel(Left, new PrinterCard(Left, "left"))
                    .When(TimeSpan.FromMinutes(5))
                    .ThenNothing();

                [Fact]
                public async Task Anything_else_is_asked_of_the_host()
                {
                    await using var host = await MillraceTestHost.Start(millrace => millrace.AddModel<AppModel>());
                    await host.Commands.Send(new AddPrinter(Left, "left"));
                    await host.Settle();

                    var printers = host.Services.GetRequiredService<IReadModel<PrinterId, PrinterCard>>();
                    Assert.Equal("left", (await printers.Get(Left)).Value?.Place);
                    Assert.Empty(await host.DeadLetters.List(new DeadLetterQuery()));
                }
            }
            """),
    ];

    [Fact]
    [Trait(TestRun.Kind, TestRun.Long)] // A minute.
    public async Task A_new_storage_passes_the_conformance_suite()
    {
        using var shell = await Create("millrace-store-adapter", "My.Store");

        var tested = await shell.Run("dotnet build --nologo -v q -warnaserror\ndotnet test --no-build --nologo");

        var passed = int.Parse(
            Passed().Match(tested).Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(passed, 100, 10_000);
    }

    [Fact]
    public async Task Templates_reference_packages_of_the_same_version()
    {
        var version = Version()
            .Match(await File.ReadAllTextAsync(Path.Combine(feed.Root, "Directory.Build.props")))
            .Groups[1]
            .Value;
        var templates = Directory.GetFiles(
            Path.Combine(feed.Root, "eng", "Millrace.Templates"), "template.json", SearchOption.AllDirectories);

        Assert.Equal(2, templates.Length);
        Assert.All(templates, template =>
            Assert.Contains($"\"value\": \"{version}\"", File.ReadAllText(template), StringComparison.Ordinal));
    }

    private string Tool => $"'{Path.Combine(feed.Root, "millrace")}'";

    /// <summary>Creates a project in a new folder. The templates are installed for this test only.</summary>
    private async Task<Shell> Create(string template, string name, string options = "")
    {
        var shell = feed.NewShell($"{template}-{name}-{Interlocked.Increment(ref _projectCount)}");
        var package = feed.Packages.Single(file => file.StartsWith("Millrace.Templates.", StringComparison.Ordinal));
        var hive = Path.Combine(shell.Folder, ".hive");
        await shell.Run($"""
            dotnet new install '{Path.Combine(feed.Feed, package)}' --debug:custom-hive '{hive}' > /dev/null
            dotnet new {template} -n {name} -o made {options} --debug:custom-hive '{hive}'
            cd made
            """);
        return shell;
    }

    [GeneratedRegex("Passed:\\s+([0-9]+)")]
    private static partial Regex Passed();

    [GeneratedRegex("`millrace (tail [^`]*)`")]
    private static partial Regex InspectStoreSection();

    [GeneratedRegex("<Version>([^<]+)</Version>")]
    private static partial Regex Version();
}
