using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Millrace.Cli.Builds;
using Millrace.Cli.Output;
using Millrace.Storage;

namespace Millrace.Cli.Commands;

/// <summary>Manages read models.</summary>
internal static class ProjectionsCommand
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(100);

    public static Command Create()
    {
        var command = new ToolCommand(
            "projections", "Shows read models with their documents and lag, and rebuilds them.")
        {
            Examples =
            [
                ("projections", "The documents, state and lag of each"),
                ("projections rebuild daily-sales", "Rebuild it and show the progress"),
            ],
        };
        var status = new ToolCommand("status", "Shows all projections.")
        {
            Examples = [("projections status --json", "For programs")],
        };
        command.Subcommands.Add(status.SetShardsHandler(Show));
        command.Subcommands.Add(Rebuild());
        foreach (var build in BuildCommands.All())
            command.Subcommands.Add(build);
        return command.SetShardsHandler(Show);
    }

    private static ToolCommand Rebuild()
    {
        var name = new Argument<string>("projection")
        {
            Description = "The projection: daily-sales@2, or without a version for the one in use.",
        };
        var noWait = new Option<bool>("--no-wait") { Description = "Returns without waiting for the rebuild." };
        var beside = new Option<bool>("--beside")
        {
            Description = "Builds new documents beside the ones in use, and switches when they are complete.",
        };
        var manual = new Option<bool>("--no-switch")
        {
            Description = "With --beside: leaves the switch to 'projections switch'.",
        };
        var build = BuildOption.CreateWithoutVariable(
            "With --beside: builds in this process with a build of the application, which does not need to run.");
        var command = new ToolCommand(
            "rebuild", "Rebuilds a projection's documents in the application: in place, or beside the ones in use.")
        {
            Examples =
            [
                ("projections rebuild daily-sales --beside", "Build beside the documents in use, then switch"),
                ("projections rebuild daily-sales --beside --build out", "The same, without the application"),
                (
                    "projections rebuild daily-sales",
                    "Remove the documents first, and wait until the projection has caught up"),
                ("projections rebuild daily-sales --no-wait", "Start without waiting"),
            ],
        };
        command.Arguments.Add(name);
        command.Options.Add(noWait);
        command.Options.Add(beside);
        command.Options.Add(manual);
        command.Options.Add(build);
        return command.SetHandler(
            async (call, cancellationToken) =>
            {
                if (call.Get(build) is { } path)
                {
                    var isBeside = call.Get(beside) && !call.Get(noWait);
                    return await RunRebuild(call, path, call.Get(name), isBeside, call.Get(manual), cancellationToken);
                }
                await using var open = await ShardStores.Existing(call, EventTypeMap.Empty, cancellationToken);
                if (call.Get(beside))
                {
                    var model = ModelOf(call.Get(name));
                    return await BuildCommands.Build(
                        call, open, model, call.Get(manual), !call.Get(noWait), cancellationToken);
                }
                if (call.Get(manual))
                    throw new CliException(
                        ExitCode.Usage, "--no-switch requires --beside.", "A rebuild in place has no switch.");
                var collection = await Find(open, call.Get(name), cancellationToken);
                var parts = await open.PartsWith(collection, cancellationToken);
                await StartRebuild(open, collection, cancellationToken);
                var isBuilt = !call.Get(noWait);
                foreach (var (part, own) in parts)
                    isBuilt = isBuilt && await Watch(call, part, own, cancellationToken);
                Answer(call, collection, isBuilt);
                return ExitCode.Done;
            }
        );
    }

    private static async Task StartRebuild(OpenStore open, string collection, CancellationToken cancellationToken)
    {
        try
        {
            await open.Projections.StartRebuild(collection, cancellationToken);
        }
        catch (ProjectionNotFoundException)
        {
            throw new CliException(
                ExitCode.Failed,
                $"No consumer has built '{collection}' yet. It is written with its events, or by the application "
                    + "itself.",
                "This command can rebuild only projections that a consumer builds.");
        }
    }

    private static string ModelOf(string name) => name.Split('@')[0];

    private static async Task<ExitCode> RunRebuild(
        ToolInvocation call,
        string path,
        string name,
        bool isBesideAndAwaited,
        bool isManual,
        CancellationToken cancellationToken)
    {
        if (!isBesideAndAwaited)
        {
            throw new CliException(
                ExitCode.Usage,
                "--build requires --beside, and cannot be combined with --no-wait.",
                "The tool itself builds the documents and waits until they are complete.");
        }
        var catalog = ModelBuild.Load(path).Catalog;
        await using var open = await OpenStore.Existing(call, catalog.EventTypes, cancellationToken);
        return await BuildCommands.RunBuild(
            call, open, catalog.Projections, ModelOf(name), isManual, cancellationToken);
    }

    /// <summary>Returns the collection of a projection, in the store or in the first shard that has it.</summary>
    private static async Task<string> Find(OpenStore open, string name, CancellationToken cancellationToken)
    {
        CliException? missing = null;
        foreach (var (_, part) in open.Parts)
        {
            try
            {
                return await FindIn(part, name, cancellationToken);
            }
            catch (CliException exception)
            {
                missing = exception;
            }
        }
        throw missing!; // There is at least one store.
    }

    private static async Task<string> FindIn(OpenStore open, string name, CancellationToken cancellationToken)
    {
        if ((await open.Storage.Documents.ListReadModels(cancellationToken)).FirstOrDefault(row => row.Name == name) is
            { } known)
            return known.Live;
        var all = (await open.Storage.Documents.List(cancellationToken))
            .Select(collection => collection.Definition.Name)
            .ToList();
        var newest = all.Where(collection =>
                collection == name || collection.StartsWith(name + "@", StringComparison.Ordinal))
            .MaxBy(VersionOf);
        return newest ?? throw new CliException(
            ExitCode.NotFound,
            $"Projection '{name}' does not exist.",
            all.Count == 0 ? "The store has no read models." : $"Available: {string.Join(", ", all)}.");
    }

    private static int VersionOf(string collection) =>
        int.TryParse(collection.AsSpan(collection.IndexOf('@') + 1), CultureInfo.InvariantCulture, out var version)
            ? version
            : 0;

    /// <summary>
    /// Shows progress until the projection has handled all events that existed when the command started. Returns false
    /// when no node runs the projection.
    /// </summary>
    private static async Task<bool> Watch(
        ToolInvocation call,
        OpenStore open,
        string collection,
        CancellationToken cancellationToken)
    {
        var consumers = new ConsumerStatusTable(open, call.Time);
        var maxWait = TimeSpan.FromSeconds(15);
        var target = (await open.Storage.Log.GetHead(cancellationToken)).Position;
        using var bar = new ProgressIndicator(call);
        var lastHeld = call.Time.GetTimestamp();
        while (true)
        {
            var records = await consumers.List(collection, cancellationToken);
            var reached = records.Count == 0 ? 0 : records.Min(ConsumerStatusTable.PositionOf);
            bar.Show("events folded", Math.Min(reached, target), target);
            if (reached >= target)
                return true;
            if (records.Any(record => record.IsPaused))
                throw new CliException(
                    ExitCode.Failed,
                    $"'{collection}' is paused.",
                    $"Resume it: millrace consumers resume {collection}");
            if (records.Any(consumers.IsHeld))
                lastHeld = call.Time.GetTimestamp();
            else if (call.Time.GetElapsedTime(lastHeld) > maxWait)
                return false;
            await Task.Delay(PollInterval, call.Time, cancellationToken);
        }
    }

    private static void Answer(ToolInvocation call, string collection, bool isBuilt)
    {
        if (call.IsJson)
        {
            JsonOutput.Object(call, writer =>
            {
                writer.WriteString("projection"u8, collection);
                writer.WriteBoolean("isBuilt"u8, isBuilt);
            });
        }
        else
        {
            call.Line(isBuilt
                ? $"{collection} was rebuilt."
                : $"{collection} will be rebuilt by the application as soon as it runs.");
        }
    }

    private static async Task<ExitCode> Show(ToolInvocation call, OpenStore open, CancellationToken cancellationToken)
    {
        var shown = new List<ShownProjection>();
        foreach (var (shard, part) in open.Parts)
        {
            var consumers = new ConsumerStatusTable(part, call.Time);
            var collections = await part.Storage.Documents.List(cancellationToken);
            var records = (await consumers.List(null, cancellationToken)).ToLookup(record => record.Consumer);
            var head = (await part.Storage.Log.GetHead(cancellationToken)).Position;
            var catalog = await part.Storage.Documents.ListReadModels(cancellationToken);
            shown.AddRange(collections.Select(collection => new ShownProjection(
                shard,
                consumers,
                collection,
                RoleOf(collection, catalog),
                [.. records[collection.Definition.Name]],
                head)));
        }
        if (call.IsJson)
        {
            JsonOutput.Array(call, shown, WriteMembers);
            return ExitCode.Done;
        }
        if (shown.Count == 0)
        {
            call.Line("The store has no read models.");
            return ExitCode.Done;
        }
        var rows = TextTable.Of(open, "projection", "role", "#documents", "state", "#checkpoint", "#lag", "~error");
        foreach (var one in shown)
            rows.AddIn(one.Shard?.Value, Cells(one));
        rows.Write(call);
        return ExitCode.Done;
    }

    /// <summary>
    /// Returns the role of a collection in its read model, or an empty text when the catalog does not list the
    /// collection.
    /// </summary>
    private static string RoleOf(CollectionInfo collection, IReadOnlyList<ReadModelRecord> catalog)
    {
        var name = collection.Definition.Name;
        return catalog.Any(row => row.Live == name) ? "live"
            : catalog.Any(row => row.Building == name) ? "building"
            : catalog.Any(row => row.Kept == name) ? "kept"
            : catalog.Any(row => row.Retired.Any(one => one.Name == name)) ? "retired"
            : "";
    }

    private static string[] Cells(ShownProjection one)
    {
        var (name, documents) = (one.Collection.Definition.Name, TextTable.Number(one.Collection.Documents));
        if (one.Records.Count == 0)
            return [name, one.Role, documents, "no consumer", "", "", ""];
        var slowest = one.Records.MinBy(ConsumerStatusTable.PositionOf)!; // The list is not empty.
        var position = ConsumerStatusTable.PositionOf(slowest);
        var lag = TextTable.Number(Math.Max(0, one.Head - position));
        return
        [
            name,
            one.Role,
            documents,
            one.Consumers.StateOf(slowest, one.Head),
            TextTable.Number(position),
            lag,
            slowest.Error ?? "",
        ];
    }

    private static void WriteMembers(Utf8JsonWriter writer, ShownProjection one)
    {
        if (one.Shard is { } shard)
            writer.WriteString("shard"u8, shard.Value);
        writer.WriteString("projection"u8, one.Collection.Definition.Name);
        if (one.Role.Length > 0)
            writer.WriteString("role"u8, one.Role);
        writer.WriteNumber("documents"u8, one.Collection.Documents);
        if (one.Records.MinBy(ConsumerStatusTable.PositionOf) is not { } slowest)
            return;
        writer.WriteString(
            "state"u8, JsonNamingPolicy.CamelCase.ConvertName(one.Consumers.StateOf(slowest, one.Head)));
        writer.WriteNumber("checkpoint"u8, ConsumerStatusTable.PositionOf(slowest));
        writer.WriteNumber("lagEvents"u8, Math.Max(0, one.Head - ConsumerStatusTable.PositionOf(slowest)));
        if (slowest.Error is not null)
            writer.WriteString("error"u8, slowest.Error);
    }

    private sealed record ShownProjection(
        ShardId? Shard,
        ConsumerStatusTable Consumers,
        CollectionInfo Collection,
        string Role,
        List<ConsumerRecord> Records,
        long Head);
}
