using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Millrace.Cli.Output;

namespace Millrace.Cli.Commands;

/// <summary>Shows materialized views, and refreshes and removes them.</summary>
internal static class ViewsCommand
{
    private const int MaxWaitSeconds = 3_600;

    public static Command Create()
    {
        var command = new ToolCommand("views", "Shows materialized views with their age, and refreshes them.")
        {
            Examples =
            [
                ("views", "Rows, position, age, reads and errors of each view"),
                ("views refresh best-sellers", "Has a node of the application compute the rows now"),
                ("views drop best-sellers", "Removes a view that no application declares any more"),
            ],
        };
        command.Subcommands.Add(List());
        command.Subcommands.Add(Refresh());
        command.Subcommands.Add(Drop());
        return command.SetStoreHandler(Show);
    }

    private static ToolCommand List() =>
        new ToolCommand("list", "Lists all materialized views.")
        {
            Examples = [("views list --json", "For programs")],
        }.SetStoreHandler(Show);

    private static ToolCommand Refresh()
    {
        var name = Name();
        var wait = new Option<int>("--wait")
        {
            HelpName = "SECONDS",
            Description = "The maximum time to wait for the new rows.",
            DefaultValueFactory = _ => 30,
        };
        var command = new ToolCommand(
            "refresh", "Requests a refresh from the nodes of the application, and waits for it.")
        {
            Examples = [("views refresh best-sellers --wait 300", "Waits up to five minutes for a slow view")],
        };
        command.Arguments.Add(name);
        command.Options.Add(wait);
        return command.SetStoreHandler((call, open, cancellationToken) => Run(call.Get(name), async view =>
        {
            if (call.Get(wait) is < 0 or > MaxWaitSeconds)
                throw new CliException(
                    ExitCode.Usage, $"--wait must be from 0 to {TextTable.Number(MaxWaitSeconds)} seconds.");
            var refreshed = await MaterializedViews.Of(open.Store)
                .Refresh(view, TimeSpan.FromSeconds(call.Get(wait)), cancellationToken);
            Write(call, refreshed);
            return ExitCode.Done;
        }));
    }

    private static ToolCommand Drop()
    {
        var name = Name();
        var command = new ToolCommand("drop", "Removes the rows of a view that no application declares any more.")
        {
            Examples = [("views drop best-sellers", "If a node still declares the view, it is built again")],
        };
        command.Arguments.Add(name);
        return command.SetStoreHandler((call, open, cancellationToken) => Run(call.Get(name), async view =>
        {
            await MaterializedViews.Of(open.Store).Drop(view, cancellationToken);
            if (call.IsJson)
                JsonOutput.Object(call, writer => writer.WriteString("dropped"u8, view));
            else
                call.Line($"The view {view} was removed.");
            return ExitCode.Done;
        }));
    }

    private static Argument<string> Name() => new("view") { Description = "The name of the view, without a version." };

    private static async Task<ExitCode> Show(ToolInvocation call, OpenStore open, CancellationToken cancellationToken)
    {
        Write(call, await MaterializedViews.Of(open.Store).List(cancellationToken));
        return ExitCode.Done;
    }

    private static async Task<ExitCode> Run(string name, Func<string, Task<ExitCode>> action)
    {
        try
        {
            return await action(name);
        }
        catch (ViewNotFoundException exception)
        {
            throw new CliException(ExitCode.NotFound, exception.Message);
        }
        catch (Exception exception) when (exception is ViewRefreshException or TimeoutException)
        {
            throw new CliException(ExitCode.Failed, exception.Message);
        }
    }

    private static void Write(ToolInvocation call, IReadOnlyList<ViewStatus> views)
    {
        if (call.IsJson)
        {
            JsonOutput.Array(call, views, WriteMembers);
            return;
        }
        var table = new TextTable(
            "view", "query", "~policy", "#rows", "#position", "#age", "#reads/min", "#last took", "state", "~error");
        foreach (var view in views)
            table.Add(Cells(view));
        table.Write(call, "No application has stored a materialized view here.");
    }

    private static string[] Cells(ViewStatus view) =>
        [
            string.Create(CultureInfo.InvariantCulture, $"{view.Name}@{view.Version}"),
            view.Query,
            view.Policy,
            TextTable.Number(view.Rows) + (view.HasMoreRows ? "+" : ""),
            TextTable.Number(view.Position),
            view.RefreshedAt is null ? "" : DurationText.Of(view.Age),
            view.ReadsPerMinute.ToString("0.0", CultureInfo.InvariantCulture),
            view.RefreshedAt is null ? "" : DurationText.Of(view.LastDuration),
            StateOf(view),
            view.Error ?? "",
        ];

    private static string StateOf(ViewStatus view) =>
        view.Error is not null ? "failing"
        : view.IsRefreshing ? "refreshing"
        : view.RefreshedAt is null ? "new"
        : "ready";

    private static void WriteMembers(Utf8JsonWriter writer, ViewStatus view)
    {
        writer.WriteString("name"u8, view.Name);
        writer.WriteNumber("version"u8, view.Version);
        writer.WriteString("query"u8, view.Query);
        writer.WriteString("policy"u8, view.Policy);
        writer.WriteString("state"u8, StateOf(view));
        writer.WriteNumber("rows"u8, view.Rows);
        writer.WriteBoolean("hasMoreRows"u8, view.HasMoreRows);
        writer.WriteNumber("position"u8, view.Position);
        if (view.RefreshedAt is { } refreshed)
        {
            writer.WriteString("refreshedAt"u8, refreshed);
            writer.WriteNumber("ageSeconds"u8, view.Age.TotalSeconds);
            writer.WriteNumber("lastMilliseconds"u8, view.LastDuration.TotalMilliseconds);
        }
        writer.WriteNumber("reads"u8, view.Reads);
        writer.WriteNumber("readsPerMinute"u8, view.ReadsPerMinute);
        if (view.Collection is not null)
            writer.WriteString("collection"u8, view.Collection);
        writer.WriteNumber("failures"u8, view.Failures);
        if (view.Error is not null)
            writer.WriteString("error"u8, view.Error);
    }
}
