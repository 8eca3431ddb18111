using System.Net.Sockets;
using System.Net;
using System.Text.RegularExpressions;

namespace Packages.Tests;

/// <summary>What <c>dotnet new</c> makes of the templates builds without a warning, passes its own tests, and runs.</summary>
[Collection(nameof(LocalFeed))]
public sealed partial class TemplateTests(LocalFeed feed)
{
    [Fact]
    public async Task A_new_application_builds_passes_its_tests_and_takes_a_command()
    {
        using var shell = await Create("millrace-app", "Help-Desk");
        var port = FreePort();

        var tested = await shell.Run("dotnet build --nologo -v q -warnaserror\ndotnet test --no-build --nologo");
        await shell.Start($"dotnet run --no-build --project src/Help-Desk --urls http://127.0.0.1:{port}", ready: "Application started");
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
        using var own = feed.Beside(shell);
        var tail = LookIntoStore().Match(await File.ReadAllTextAsync(Path.Combine(shell.Folder, "README.md"))).Groups[1].Value;
        Assert.Contains("ticket.opened", await own.Run($"{Tool} {tail}"), StringComparison.Ordinal);
    }

    /// <summary>As its README says: an event is added, told as new, accepted; one that was never stored goes as it came.</summary>
    [Fact]
    public async Task The_contract_file_of_a_new_application_is_up_to_date_and_takes_and_forgets_events()
    {
        using var shell = await Create("millrace-app", "Desk");
        await shell.Run("dotnet build src/Desk --nologo -v q");
        using var own = feed.Beside(shell);
        var first = await own.Run($"{Tool} schema accept --check");
        var events = Path.Combine(shell.Folder, "src", "Desk", "Events.cs");
        var before = await File.ReadAllTextAsync(events);

        await File.AppendAllTextAsync(events, "\n[Event(\"ticket.reopened\")] public sealed record TicketReopened(TicketId Ticket);\n");
        var early = await own.Run($"! {Tool} schema accept 2>&1");
        var built = await shell.Run("dotnet build src/Desk --nologo -v q");
        var accepted = await own.Run($"{Tool} schema accept");
        await shell.Run("dotnet build src/Desk --nologo -v q -warnaserror");
        await File.WriteAllTextAsync(events, before);
        var refused = await shell.Run("! dotnet build src/Desk --nologo -v q");
        var forgotten = await own.Run($"{Tool} schema forget 'ticket.reopened'");
        await shell.Run("dotnet build src/Desk --nologo -v q -warnaserror");

        Assert.Contains("src/Desk/events.contract.json is up to date.", first, StringComparison.Ordinal);
        Assert.Contains($"before {Path.Combine("src", "Desk", "Events.cs")} was changed", early, StringComparison.Ordinal);
        Assert.Contains("warning MILL0111", built, StringComparison.Ordinal);
        Assert.Contains("is written.", accepted, StringComparison.Ordinal);
        Assert.Contains("'millrace schema forget ticket.reopened'", refused, StringComparison.Ordinal);
        Assert.Contains("'ticket.reopened' version 1", forgotten, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_new_storage_passes_the_conformance_suite()
    {
        using var shell = await Create("millrace-store-adapter", "My.Store");

        var tested = await shell.Run("dotnet build --nologo -v q -warnaserror\ndotnet test --no-build --nologo");

        var passed = int.Parse(Passed().Match(tested).Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(passed, 100, 10_000);
    }

    [Fact]
    public async Task Templates_ask_for_the_packages_of_their_own_version()
    {
        var version = Version().Match(await File.ReadAllTextAsync(Path.Combine(feed.Root, "Directory.Build.props"))).Groups[1].Value;
        var templates = Directory.GetFiles(
            Path.Combine(feed.Root, "eng", "Millrace.Templates"), "template.json", SearchOption.AllDirectories);

        Assert.Equal(2, templates.Length);
        Assert.All(templates, template =>
            Assert.Contains($"\"value\": \"{version}\"", File.ReadAllText(template), StringComparison.Ordinal));
    }

    private string Tool => $"'{Path.Combine(feed.Root, "millrace")}'";

    /// <summary>Makes a project in a folder of its own; the templates are installed where only this test sees them.</summary>
    private async Task<Shell> Create(string template, string name)
    {
        var shell = feed.Begin($"{template}-{name}");
        var package = feed.Packages.Single(file => file.StartsWith("Millrace.Templates.", StringComparison.Ordinal));
        var hive = Path.Combine(shell.Folder, ".hive");
        await shell.Run($"""
            dotnet new install '{Path.Combine(feed.Feed, package)}' --debug:custom-hive '{hive}' > /dev/null
            dotnet new {template} -n {name} -o made --debug:custom-hive '{hive}'
            cd made
            """);
        return shell;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    [GeneratedRegex("Passed:\\s+([0-9]+)")]
    private static partial Regex Passed();

    [GeneratedRegex("`millrace (tail [^`]*)`")]
    private static partial Regex LookIntoStore();

    [GeneratedRegex("<Version>([^<]+)</Version>")]
    private static partial Regex Version();
}
