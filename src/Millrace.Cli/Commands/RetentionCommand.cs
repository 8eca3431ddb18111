using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Millrace.Cli.Output;
using Millrace.Cli.Servers;

namespace Millrace.Cli.Commands;

/// <summary>
/// Plans, runs and lists retention, with the policies that the application recorded when it last started.
/// </summary>
internal static class RetentionCommand
{
    public static Command Create()
    {
        var command = new ToolCommand("retention", "Shows and runs the retention policies of an application.")
        {
            Examples =
            [
                ("retention plan", "What a run would remove and keep now"),
                ("retention run --by ann", "Removes it"),
                ("retention run --server https://shop.example", "In a running application, with the token's rights"),
                ("retention list", "All runs with what they removed"),
            ],
        };
        command.Subcommands.Add(Plan());
        command.Subcommands.Add(Run());
        command.Subcommands.Add(List());
        command.Subcommands.Add(Show());
        command.Subcommands.Add(Stop());
        return SetList(command);
    }

    private static ToolCommand SetList(ToolCommand command) => command.SetServerHandler(
        new ServerOptions(),
        static async (call, server, cancellationToken) =>
        {
            var runs = await server.Get("/retention/runs", cancellationToken);
            return WriteList(call, runs.Deserialize(ServerJson.Default.RetentionRunArray) ?? []);
        },
        WriteList);

    private static ToolCommand Plan()
    {
        var category = Category();
        var before = Before();
        var evenIfReadBy = EvenIfReadBy();
        var command = new ToolCommand("plan", "Shows what a run would remove and keep now. Nothing is changed.")
        {
            Examples =
            [
                ("retention plan --json", "For a program"),
                ("retention plan --category cart --before 90d", "What a removal before a time would remove"),
            ],
        };
        foreach (var option in (Option[])[category, before, evenIfReadBy])
            command.Options.Add(option);
        return command.SetServerHandler(
            new ServerOptions(),
            async (call, server, cancellationToken) =>
            {
                RefuseCategory(Target(call, category, before).Category);
                return WriteAnswer(call, await server.Get("/retention/plan", cancellationToken));
            },
            async (call, open, cancellationToken) =>
            {
                var service = await ServiceOf(call, open, null, cancellationToken);
                var (name, time) = Target(call, category, before);
                var plan = name is null
                    ? await service.Plan(cancellationToken)
                    : await Guard(() => service.PlanBefore(name, time, call.Get(evenIfReadBy), cancellationToken));
                Write(call, plan);
                return ExitCode.Done;
            });
    }

    private static ToolCommand Run()
    {
        var category = Category();
        var before = Before();
        var evenIfReadBy = EvenIfReadBy();
        var archive = new Option<string?>("--archive")
        {
            HelpName = "DIRECTORY",
            Description = "The directory of archive files, for policies that archive events.",
        };
        var id = new Option<string?>("--id")
        {
            HelpName = "ID",
            Description = "The id of the run; by default the current time. An interrupted run continues.",
        };
        var by = ArchiveRunCommand.By();
        var command = new ToolCommand("run", "Removes or archives what the policies no longer keep, and reports it.")
        {
            Examples =
            [
                ("retention run --by ann --archive archive", "Runs all policies"),
                ("retention run --category cart --before 90d", "Removes carts without events for 90 days"),
            ],
        };
        foreach (var option in (Option[])[by, id, archive, category, before, evenIfReadBy])
            command.Options.Add(option);
        return command.SetServerHandler(
            new ServerOptions(),
            async (call, server, cancellationToken) =>
            {
                if (call.Has(by) || call.Get(archive) is not null)
                    throw new CliException(
                        ExitCode.Usage,
                        "--by and --archive are not valid with --server: the application determines both.");
                RefuseCategory(TargetOf(call).Category);
                var body = new JsonObject { ["id"] = call.Get(id) };
                return WriteAnswer(call, await server.Post("/retention/runs", body, cancellationToken));
            },
            async (call, open, cancellationToken) =>
            {
                var (name, time) = TargetOf(call);
                var service = await ServiceOf(call, open, call.Get(archive), cancellationToken);
                var user = call.Get(by)!; // The option has a default value.
                var run = await Guard(() => name is null
                    ? service.Run(user, call.Get(id), cancellationToken)
                    : service.RunBefore(name, time, user, call.Get(evenIfReadBy), cancellationToken));
                Write(call, run);
                return ExitCode.Done;
            });

        (string? Category, DateTimeOffset Before) TargetOf(ToolInvocation call)
        {
            var target = Target(call, category, before);
            return target.Category is not null && (call.Get(id) ?? call.Get(archive)) is not null
                ? throw new CliException(
                    ExitCode.Usage, "--id and --archive are not valid together with --category.")
                : target;
        }
    }

    private static ToolCommand List() => SetList(
        new ToolCommand("list", "Lists runs, in the order of their ids.")
        {
            Examples = [("retention list --json", "For a program")],
        });

    private static ToolCommand Show()
    {
        var id = new Argument<string>("ID") { Description = "The id of the run." };
        var command = new ToolCommand("show", "Shows what a run removed, archived and kept, and why.")
        {
            Examples = [("retention show scheduled-20260329-030000", "The report of one run")],
        };
        command.Arguments.Add(id);
        return command.SetServerHandler(
            new ServerOptions(),
            async (call, server, cancellationToken) =>
            {
                var path = "/retention/runs" + ServerClient.PathOf(call.Get(id));
                return WriteAnswer(call, await server.Get(path, cancellationToken));
            },
            async (call, open, cancellationToken) =>
            {
                var service = await ServiceOf(call, open, null, cancellationToken);
                var run = await Guard(() => service.Find(call.Get(id), cancellationToken))
                    ?? throw new CliException(ExitCode.NotFound, $"There is no retention run '{call.Get(id)}'.");
                Write(call, run);
                return ExitCode.Done;
            });
    }

    private static ToolCommand Stop()
    {
        var id = new Argument<string>("ID") { Description = "The id of the run." };
        var decision = new DecisionOptions(
            "The name of the user, which is recorded; by default the current user.",
            "The reason, which the report shows.",
            requiresReason: true);
        var command = new ToolCommand(
            "stop", "Stops a run, so that it is not continued. What it has removed is not restored.")
        {
            Examples =
            [
                (
                    "retention stop run-20260329-010000-0000000 --reason \"wrong policy\"",
                    "A node that carries out the run ends after its current batch"),
            ],
        };
        command.Arguments.Add(id);
        decision.AddTo(command);
        return command.SetStoreHandler(async (call, open, cancellationToken) =>
        {
            var service = await ServiceOf(call, open, null, cancellationToken);
            try
            {
                // The reason is required.
                Write(call, await Guard(() => service.Stop(
                    call.Get(id), decision.By(call), decision.Reason(call)!, cancellationToken)));
            }
            catch (RetentionNotFoundException exception)
            {
                throw new CliException(ExitCode.NotFound, exception.Message);
            }
            return ExitCode.Done;
        });
    }

    private static Option<string?> Category() => new("--category")
    {
        HelpName = "NAME",
        Description = "Removes streams of this category instead of running the policies. Needs --before.",
    };

    private static Option<DateTimeOffset?> Before() => new("--before")
    {
        HelpName = "TIME",
        Description = "Removes streams whose last event is older: 2011-12-05, 2011-12-05T10:22:01Z, or an age: 90d.",
        CustomParser = FilterOptions.ParseTime,
    };

    private static Option<string[]?> EvenIfReadBy() => new("--even-if-read-by")
    {
        HelpName = "NAME",
        Description = "A read model that may lose events; only with --category.",
        AllowMultipleArgumentsPerToken = true,
    };

    private static async Task<RetentionService> ServiceOf(
        ToolInvocation call, OpenStore open, string? archive, CancellationToken cancellationToken)
    {
        var tenant = TenantTemplate.SpecifiedTenant(call);
        // Without a tenant, neither the policies nor the legal holds of the tenants would apply to their streams.
        return tenant is null && (await Tenants.ListIn(open.SharedStorage, cancellationToken)).Count > 0
            ? throw new CliException(
                ExitCode.Usage,
                "The store has tenants. Specify one with --tenant.",
                "To list them: millrace tenants list")
            : RetentionService.Of(open.Store, tenant?.Value ?? "", archive);
    }

    private static (string? Category, DateTimeOffset Before) Target(
        ToolInvocation call, Option<string?> category, Option<DateTimeOffset?> before)
    {
        var (name, time) = (call.Get(category), call.Get(before));
        return (name is null) == (time is null)
            ? (name, time ?? default)
            : throw new CliException(ExitCode.Usage, "--category and --before are only valid together.");
    }

    private static async Task<T> Guard<T>(Func<Task<T>> action)
    {
        try
        {
            return await action();
        }
        catch (InvalidNameException exception)
        {
            throw new CliException(ExitCode.Usage, exception.Message);
        }
    }

    private static async Task<ExitCode> WriteList(
        ToolInvocation call, OpenStore open, CancellationToken cancellationToken)
    {
        var service = await ServiceOf(call, open, null, cancellationToken);
        return WriteList(call, await service.List(cancellationToken));
    }

    private static ExitCode WriteList(ToolInvocation call, IReadOnlyList<RetentionRun> all)
    {
        if (call.IsJson)
        {
            JsonOutput.Array(call, all, RetentionRunJson.Write);
            return ExitCode.Done;
        }
        var rows = new TextTable("id", "by", "started", "ended", "#streams", "#events", "#kept");
        foreach (var run in all)
        {
            rows.Add(
                run.Id,
                run.By,
                EventView.TimeOf(run.StartedAt),
                EndOf(run),
                TextTable.Number(run.Streams),
                TextTable.Number(run.Events),
                TextTable.Number(run.Results.Sum(result => result.Kept.Sum(kept => kept.Count))));
        }
        rows.Write(call, "There are no retention runs.");
        return ExitCode.Done;
    }

    private static string EndOf(RetentionRun run) => run switch
    {
        { EndedAt: null } => "interrupted",
        { EndedAt: { } ended, StopReason: not null } => $"stopped {EventView.TimeOf(ended)}",
        { EndedAt: { } ended } => EventView.TimeOf(ended),
    };

    /// <exception cref="CliException">There is a category: the routes report only the number of its events.</exception>
    private static void RefuseCategory(string? category)
    {
        if (category is not null)
            throw new CliException(ExitCode.Usage, "--category is not valid with --server.");
    }

    private static ExitCode WriteAnswer(ToolInvocation call, JsonElement answer)
    {
        Write(
            call,
            answer.Deserialize(ServerJson.Default.RetentionRun)
                ?? throw new CliException(ExitCode.Failed, "The answer is empty."));
        return ExitCode.Done;
    }

    private static void Write(ToolInvocation call, RetentionRun run)
    {
        if (call.IsJson)
        {
            JsonOutput.Object(call, writer => RetentionRunJson.Write(writer, run));
            return;
        }
        var rows = new TextTable("policy", "#streams", "#events", "#bytes", "#erased people");
        foreach (var result in run.Results)
        {
            rows.Add(
                result.Policy,
                TextTable.Number(result.Streams),
                TextTable.Number(result.Events),
                TextTable.Number(result.Bytes),
                TextTable.Number(result.ErasedSubjects));
        }
        rows.Write(call, "No policy removes anything.");
        if (run.StopReason is not null)
            call.Line($"Stopped by {run.StoppedBy}: {run.StopReason}");
        foreach (var result in run.Results)
        {
            if (result.Warning is { } warning)
                call.Line($"{result.Policy}: {warning}");
            if (result.ReadModels.Count > 0)
                call.Line($"{result.Policy}: read by {string.Join(", ", result.ReadModels)}.");
            foreach (var kept in result.Kept)
                call.Line(
                    $"{result.Policy}: kept {kept.Count} ({kept.Reason}), such as {string.Join(", ", kept.Examples)}.");
            foreach (var file in result.Archives)
                call.Line(
                    $"{result.Policy}: {file.Events} events in {file.File}, {file.RemovedEvents} of them removed, "
                        + $"SHA-256 {file.Sha256}.");
        }
    }
}
