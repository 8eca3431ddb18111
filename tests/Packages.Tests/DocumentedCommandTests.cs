namespace Packages.Tests;

/// <summary>Tests that every command of a page works, except those that other tests run.</summary>
[Collection(nameof(LocalFeed))]
public sealed class DocumentedCommandTests(LocalFeed feed)
{
    private static readonly string[] RunByOtherTests =
    [
        "./run", // StartTests
        "./run --postgres --nodes 3", // NodesTests of the shop
        "./run --services rabbitmq", // StartServicesTests of the shop
        // PostgreSqlTests of the tool, because the database of the page does not exist
        "./millrace info --store postgres://shop@localhost/shop",
        "./millrace consumers --store postgres://shop@localhost/shop", // likewise
        "./millrace move shop.db postgres://shop@localhost/shop", // MoveTests of the tool, as the next
        "./millrace move postgres://shop@localhost/shop shop.db",
        "./millrace consumers", // SymptomPageTests of the tool, on a shop in trouble, as the next
        "./millrace consumers list",
        "./millrace dead-letters list --consumer receive.shop",
        "./millrace dead-letters show 1",
        "./millrace dead-letters cohort --consumer receive.shop --patch '{\"data\":{\"total\":30}}' "
            + "--reason \"a sign too many\"",
        "./millrace processes",
        "./millrace processes list fulfilment",
        "./millrace processes history fulfilment 7",
        "./millrace processes resume fulfilment 7 --reason \"the carrier is back\"",
        "./millrace timers",
        "./millrace schedules",
        "./millrace read payment-7",
        "millrace readiness --server https://shop.example", // ServerCommandTests of the tool
        // TuneCommandTests of the tool
        "millrace tune --server https://shop.example --consumer mail-sender --for 00:01:00",
        "./millrace capacity set 6 --reason \"sale on Friday\"", // CapacityTests of the tool
        "./millrace metrics", // MetricsTests of the tool, as the next
        "./millrace metrics event-rate --since 1h",
        "./pack ~/millrace-packages", // LocalFeed, as the next
        "dotnet nuget add source ~/millrace-packages --name millrace",
        "dotnet new install Millrace.Templates", // TemplateTests, as the next
        "dotnet new millrace-app -n MyApp",
        "dotnet add package Millrace.AspNetCore", // TutorialTests, as the next
        "dotnet add package Millrace.Sqlite",
        "dotnet add package Millrace.PostgreSql", // AddedPackageTests, as the next
        "dotnet add package Millrace.Redis",
        "dotnet add package Millrace.RabbitMq",
        "dotnet add package Millrace.Kafka",
        "dotnet add package Millrace.Testing",
        "dotnet add package Millrace.Testing.FsCheck",
        .. Fence.Of("README.md").First(static fence => fence.Info == "sh").Text.Split('\n'), // ReadmeTests
        "dotnet new web -o Try",
        "cd Try",
        "dotnet add package xunit.assert",
        "millrace design shop.design --out Shop", // DesignTests, as the next
        "cd Shop",
        "dotnet test",
        "dotnet build",
        "millrace model list --build bin/Debug/net10.0/Shop.dll", // ModelTests of the tool
        // SealKeyTests create such keys, and AuditTests of the tool have a store with seals and entries, as the next
        "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -aes-256-cbc -out seal-key.pem",
        "openssl pkey -in seal-key.pem -pubout -out seal-public.pem",
        "./millrace audit verify --key seal-public.pem --anchors /mnt/audit/anchors.jsonl --store shop.db",
        "./millrace audit prove 42 --store shop.db > proof.json",
        "openssl dgst -sha256 -verify seal-public.pem -signature seal.sig seal.txt",
        "./millrace audit list --user ada --since 7d",
        "./millrace audit list --result denied --format csv > denied.csv",
        "./millrace audit list --action configuration.changed",
        "millrace config --environment Staging --folder /srv/shop", // ConfigTests of the tool
        "millrace config --server https://shop.example --changed", // ServerCommandTests of the tool
        // ReportTests of the tool, as the next
        "millrace report gdpr --from 2026-01-01 --to 2027-01-01 -o gdpr.html --store shop.db",
        "millrace report sox --from 2026-01-01 --key seal-public.pem --anchors anchors.jsonl -o sox.html "
            + "--store shop.db",
        "millrace report sox --json --store shop.db > sox.json",
        "millrace report retention --from 2026-01-01 -o retention.html --store shop.db",
        // ArchiveTests of the tool, as the next
        "millrace archive run --to /archives/shop --older-than 365d --dry-run --store shop.db",
        "millrace archive run --to /archives/shop --older-than 365d --store shop.db",
        "millrace archive check --store shop.db",
        "millrace archive restore order-42 --store shop.db",
        "millrace archive restore --all --store shop.db",
        // ServerCommandTests of the tool, as the next
        "export MILLRACE_TOKEN=…",
        "millrace access explain alice send place-order --server https://shop.example",
        "millrace access grant user:alice role clerk --reason \"vacation cover\" --server https://shop.example",
        "millrace audit list --result denied --server https://shop.example",
        "millrace retention run --server https://shop.example",
        "millrace erasure request request-17 customer-42 --reason \"asked by letter\" --server https://shop.example",
        "millrace erasure approve request-17 --server https://shop.example",
        "millrace access list --store shop.db", // AccessTests of the tool, as the next
        "millrace access explain alice send add-customer --store shop.db",
        "millrace access explain alice view customer.email --role clerk --at 1042 --store shop.db",
        "millrace access grant user:alice role clerk --by mary --role manager --reason \"vacation cover\" "
            + "--store shop.db",
    ];

    [Fact]
    public async Task Every_command_of_a_page_works()
    {
        var tool = Path.Combine(feed.Root, "millrace");
        using var shell = feed.NewRepositoryShell("commands");
        await shell.Run($$"""'{{tool}}' append order-1 --create --store shop.db --type order.placed --data '{"total":3}'""");

        var commands = Commands().ToList();
        var testedElsewhere = commands.Intersect(RunByOtherTests).ToList();
        foreach (var command in commands
                .Except(testedElsewhere)
                .Where(command => command.StartsWith("./millrace ", StringComparison.Ordinal)))
        {
            await shell.Run($"'{tool}'{command["./millrace".Length..]}");
        }

        Assert.NotEmpty(commands);
        Assert.Empty(
            commands
                .Where(command => !command.StartsWith("./millrace ", StringComparison.Ordinal))
                .Except(RunByOtherTests));
    }

    private IEnumerable<string> Commands()
    {
        var folders = new[] { "how-to", "reference", "explanation" }.Select(folder =>
            Path.Combine(feed.Root, "docs", folder));
        var pages = folders
            .SelectMany(folder => Directory.GetFiles(folder, "*.md", SearchOption.AllDirectories))
            .Append(Path.Combine(feed.Root, "README.md"));
        foreach (var page in pages.Order(StringComparer.Ordinal))
        {
            var isCommand = false;
            foreach (var line in File.ReadLines(page))
            {
                if (line.StartsWith("```", StringComparison.Ordinal))
                {
                    isCommand = line == "```sh";
                }
                else if (isCommand && line.Length > 0)
                {
                    yield return line;
                }
            }
        }
    }
}
