using System.CommandLine;
using System.Text.Json;
using Millrace.Cli.Output;

namespace Millrace.Cli.Commands;

/// <summary>Lists and changes the shards of an application, in the map that its home shard contains.</summary>
internal static class ShardsCommand
{
    private const string NameDescription = "1 to 32 lower case letters, digits and '-'.";

    public static Command Create()
    {
        var command = new ToolCommand(
            "shards", "Lists, adds and drains the stores of an application, and moves tenants between them.")
        {
            Examples =
            [
                ("shards", "All shards with their weights and tenants"),
                ("shards add eu-2 --address eu-2.db", "Adds an empty store, after every node has its address"),
            ],
        };
        command.Subcommands.Add(CreateList());
        command.Subcommands.Add(CreateCreate());
        command.Subcommands.Add(CreateAdd());
        command.Subcommands.Add(CreateDrain());
        command.Subcommands.Add(CreateWeight());
        command.Subcommands.Add(CreateFind());
        command.Subcommands.Add(ShardsMoveTenantCommand.Create());
        return command.SetHandler(List);
    }

    private static ToolCommand CreateList() => new ToolCommand("list", "Lists shards with their weights and tenants.")
    {
        Examples =
        [
            ("shards list", "The state of a shard is known to the application: see /health"),
            ("shards list --json", "For programs"),
        ],
    }.SetHandler(List);

    private static ToolCommand CreateCreate()
    {
        var name = NameArgument();
        var command = new ToolCommand(
            "create", "Makes a store the home shard, as the first start of an application with shards does.")
        {
            Examples = [("shards create eu-1", "The store and its tenants become the shard eu-1")],
        };
        command.Arguments.Add(name);
        return command.SetHandler(async (call, cancellationToken) =>
        {
            await using var home = await OpenStore.OfAllTenants(call, cancellationToken);
            var shards = await Shards.Create(home.Store, new ShardId(call.Get(name)), cancellationToken);
            await Write(call, shards, cancellationToken);
            return ExitCode.Done;
        });
    }

    private static ToolCommand CreateAdd()
    {
        var name = NameArgument();
        var address = new Option<string>("--address")
        {
            Description = "The empty store of the shard: a file or the address of a database.",
            Required = true,
        };
        var weight = new Option<int>("--weight")
        {
            Description = "The share of new tenants, relative to the other shards; 0 to 100 (1).",
            DefaultValueFactory = static _ => 1,
        };
        var command = new ToolCommand(
            "add", "Adds a shard, which then takes new tenants. Every node must already have it in UseShards.")
        {
            Examples =
            [
                ("shards add eu-2 --address eu-2.db", "Existing tenants stay where they are"),
                ("shards add eu-2 --address eu-2.db --weight 3", "Takes three times as many new tenants as the others"),
            ],
        };
        command.Arguments.Add(name);
        command.Options.Add(address);
        command.Options.Add(weight);
        return command.SetHandler(async (call, cancellationToken) =>
        {
            var shard = new ShardId(call.Get(name));
            CheckWeight(call.Get(weight));
            await using var home = await OpenStore.OfAllTenants(call, cancellationToken);
            var shards = await Open(home, cancellationToken);
            await using var added = await OpenStore.OpenOrCreate(
                new StoreLocation(call.Get(address)!), call.Time, cancellationToken); // The option is required.
            await shards.Add(shard, added.Store, call.Get(weight), cancellationToken);
            await Write(call, shards, cancellationToken);
            return ExitCode.Done;
        });
    }

    private static ToolCommand CreateDrain()
    {
        var name = NameArgument();
        var command = new ToolCommand("drain", "Stops the placement of new tenants on a shard. Its tenants stay.")
        {
            Examples = [("shards drain eu-2 --store shop.db", "The same as: shards weight eu-2 0")],
        };
        command.Arguments.Add(name);
        return command.SetHandler((call, cancellationToken) =>
            SetWeight(call, call.Get(name), weight: 0, cancellationToken));
    }

    private static ToolCommand CreateWeight()
    {
        var name = NameArgument();
        var weight = new Argument<int>("weight") { Description = "From 0 to 100; 0 for no new tenants." };
        var command = new ToolCommand("weight", "Sets the share of new tenants of a shard, relative to the others.")
        {
            Examples =
            [
                ("shards weight eu-2 3 --store shop.db", "Three times as many tenants as a shard with the weight 1"),
            ],
        };
        command.Arguments.Add(name);
        command.Arguments.Add(weight);
        return command.SetHandler((call, cancellationToken) =>
            SetWeight(call, call.Get(name), call.Get(weight), cancellationToken));
    }

    private static ToolCommand CreateFind()
    {
        var tenant = new Argument<string>("tenant") { Description = "The name of the tenant." };
        var command = new ToolCommand("find", "Shows the shard of a tenant.")
        {
            Examples = [("shards find acme", "Run other commands for the tenant on the store of this shard")],
        };
        command.Arguments.Add(tenant);
        return command.SetHandler(async (call, cancellationToken) =>
        {
            var name = new TenantId(call.Get(tenant)).Value;
            await using var home = await OpenHome(call, cancellationToken);
            var shards = await Open(home, cancellationToken);
            var shard = await shards.FindTenant(name, cancellationToken)
                ?? throw new CliException(
                    ExitCode.NotFound, $"No shard was recorded for the tenant '{name}'.",
                    "To list the tenants of the home shard: millrace tenants list");
            if (call.IsJson)
            {
                JsonOutput.Object(call, writer =>
                {
                    writer.WriteString("tenant"u8, name);
                    writer.WriteString("shard"u8, shard.Value);
                });
            }
            else
            {
                call.Line($"The tenant {name} is in the shard {shard}.");
            }
            return ExitCode.Done;
        });
    }

    private static async Task<ExitCode> List(ToolInvocation call, CancellationToken cancellationToken)
    {
        await using var home = await OpenHome(call, cancellationToken);
        await Write(call, await Open(home, cancellationToken), cancellationToken);
        return ExitCode.Done;
    }

    private static async Task<ExitCode> SetWeight(
        ToolInvocation call, string name, int weight, CancellationToken cancellationToken)
    {
        var shard = new ShardId(name);
        CheckWeight(weight);
        await using var home = await OpenStore.OfAllTenants(call, cancellationToken);
        var shards = await Open(home, cancellationToken);
        await shards.SetWeight(shard, weight, cancellationToken);
        await Write(call, shards, cancellationToken);
        return ExitCode.Done;
    }

    /// <summary>Opens the store of a call, or the home shard that its file with shards names.</summary>
    private static Task<OpenStore> OpenHome(ToolInvocation call, CancellationToken cancellationToken) =>
        StoreLocator.FindShards(call) is { } list
            ? ShardStores.OpenHome(call, list, cancellationToken)
            : OpenStore.OfAllTenants(call, cancellationToken);

    private static async Task<Shards> Open(OpenStore home, CancellationToken cancellationToken) =>
        await Shards.TryOpen(home.Store, cancellationToken)
        ?? throw new CliException(
            ExitCode.NotFound,
            $"'{home.File}' is not the home shard of an application.",
            "Specify the store of the first shard in UseShards. To make a store the home shard: millrace shards "
                + "create NAME");

    private static async Task Write(ToolInvocation call, Shards shards, CancellationToken cancellationToken)
    {
        var all = await shards.List(cancellationToken);
        if (call.IsJson)
        {
            JsonOutput.Array(call, all, WriteMembers);
            return;
        }
        var rows = new TextTable("shard", "#weight", "#tenants", "added", "~store");
        foreach (var shard in all)
        {
            rows.Add(
                shard.IsHome ? $"{shard.Shard} (home)" : shard.Shard.Value,
                TextTable.Number(shard.Weight),
                shard.Tenants is { } tenants ? TextTable.Number(tenants) : "",
                shard.AddedAt is { } added ? EventView.TimeOf(added) : "",
                shard.Store ?? "");
        }
        rows.Write(call, empty: "There are no shards.");
        foreach (var move in all.SelectMany(static shard => shard.Moves).Distinct())
            call.Line(
                $"The tenant {move.Tenant} moves from {move.From} to {move.To} ({move.Phase}), started "
                    + $"{EventView.TimeOf(move.StartedAt)}.");
    }

    private static void WriteMembers(Utf8JsonWriter writer, ShardStatus shard)
    {
        writer.WriteString("shard"u8, shard.Shard.Value);
        writer.WriteBoolean("isHome"u8, shard.IsHome);
        writer.WriteNumber("weight"u8, shard.Weight);
        if (shard.Tenants is { } tenants)
            writer.WriteNumber("tenants"u8, tenants);
        if (shard.AddedAt is { } added)
            writer.WriteString("addedAt"u8, added.UtcDateTime);
        if (shard.Store is { } store)
            writer.WriteString("store"u8, store);
        if (shard.Moves.Count == 0)
            return;
        writer.WriteStartArray("moves"u8);
        foreach (var move in shard.Moves)
        {
            writer.WriteStartObject();
            writer.WriteString("tenant"u8, move.Tenant);
            writer.WriteString("from"u8, move.From.Value);
            writer.WriteString("to"u8, move.To.Value);
            writer.WriteString("phase"u8, JsonNamingPolicy.CamelCase.ConvertName(move.Phase.ToString()));
            writer.WriteString("startedAt"u8, move.StartedAt.UtcDateTime);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    private static Argument<string> NameArgument() => new("name") { Description = NameDescription };

    private static void CheckWeight(int weight)
    {
        if (weight is < 0 or > 100)
            throw new CliException(ExitCode.Usage, $"The weight must be from 0 to 100, but is {weight}.");
    }
}
