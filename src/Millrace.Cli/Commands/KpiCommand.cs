using System.CommandLine;
using Millrace.Cli.Output;
using Millrace.Cli.Servers;

namespace Millrace.Cli.Commands;

/// <summary>Lists and shows business figures.</summary>
internal static class KpiCommand
{
    public static Command Create()
    {
        var command = new ToolCommand("kpi", "Shows the business figures that an application declares.")
        {
            Examples =
            [
                ("kpi", "All figures with their units and dimensions"),
                ("kpi show revenue --since 90d --step week", "The last 90 days, week by week"),
                ("kpi show revenue --by country --top 5", "The countries with the largest revenue"),
                ("kpi show revenue --step hour --since 2d --weeks 8 --json", "With the same hours of earlier weeks"),
            ],
        };
        command.Subcommands.Add(List());
        command.Subcommands.Add(Show());
        command.Subcommands.Add(KpiAnomaliesCommand.Create());
        command.Subcommands.Add(KpiReportCommand.Create());
        return command.SetShardsHandler(static (call, open, cancellationToken) =>
            WriteList(call, KpisOf(open).List(cancellationToken)));
    }

    private static ToolCommand List()
    {
        var server = new ServerOptions();
        var command = new ToolCommand("list", "Lists the business figures with their first and last hour.")
        {
            Examples = [("kpi list --json", "For programs")],
        };
        server.AddTo(command);
        return command.SetHandler(async (call, cancellationToken) =>
        {
            using var client = server.Find(call);
            if (client is not null)
                return await WriteList(call, ServerKpis.List(client, cancellationToken));
            await using var open = await ShardStores.Existing(call, EventTypeMap.Empty, cancellationToken);
            return await WriteList(call, KpisOf(open).List(cancellationToken));
        });
    }

    private static ToolCommand Show()
    {
        var (server, options) = (new ServerOptions(), new KpiOptions());
        var command = new ToolCommand("show", "Shows a business figure over time, and compares it with earlier weeks.")
        {
            Examples =
            [
                ("kpi show revenue --since 2011-12-01 --before 2011-12-10", "Each day of a time"),
                ("kpi show revenue --by country --member France --step month --since 365d", "One country"),
                ("kpi show orders --server https://shop.example --weeks 4", "From a running application"),
            ],
        };
        options.AddTo(command);
        server.AddTo(command);
        return command.SetHandler(async (call, cancellationToken) =>
        {
            var query = options.QueryOf(call);
            using var client = server.Find(call);
            if (client is not null)
                return Write(call, await ServerKpis.Show(client, query, cancellationToken));
            await using var open = await ShardStores.Existing(call, EventTypeMap.Empty, cancellationToken);
            return Write(call, await Read(KpisOf(open), query, cancellationToken));
        });
    }

    private static Kpis KpisOf(OpenStore open) => Kpis.Of([.. open.Parts.Select(static part => part.Store.Store)]);

    private static async Task<IReadOnlyList<KpiSeries>> Read(
        Kpis kpis, KpiQuery query, CancellationToken cancellationToken)
    {
        try
        {
            return query is { Dimension: not null, Member: null }
                ? await kpis.ReadMembers(query, cancellationToken)
                : [await kpis.Read(query, cancellationToken)];
        }
        catch (KpiNotFoundException exception)
        {
            throw new CliException(ExitCode.NotFound, exception.Message, "List the KPIs: millrace kpi");
        }
        catch (ArgumentException exception)
        {
            throw new CliException(ExitCode.Usage, exception.Message.Split(" (Parameter")[0]);
        }
        catch (LimitExceededException exception)
        {
            throw new CliException(ExitCode.Usage, exception.Message);
        }
    }

    private static async Task<ExitCode> WriteList(ToolInvocation call, Task<IReadOnlyList<KpiInfo>> reading)
    {
        var all = await reading;
        if (call.IsJson)
        {
            JsonOutput.Value(call, all, KpiJson.Default.IReadOnlyListKpiInfo);
            return ExitCode.Done;
        }
        var table = new TextTable("kpi", "kind", "unit", "~dimensions", "first hour", "last hour");
        foreach (var kpi in all)
        {
            table.Add(
                kpi.Name,
                kpi.Kind.ToString().ToLowerInvariant(),
                kpi.Unit,
                string.Join(", ", kpi.Dimensions),
                kpi.First is { } first ? EventView.TimeOf(first) : "",
                kpi.Last is { } last ? EventView.TimeOf(last) : "");
        }
        table.Write(call, "No application has stored KPIs here. Declare one with [Kpi].");
        return ExitCode.Done;
    }

    private static ExitCode Write(ToolInvocation call, IReadOnlyList<KpiSeries> all)
    {
        if (call.IsJson)
            JsonOutput.Value(call, all, KpiJson.Default.IReadOnlyListKpiSeries);
        else if (all is [{ Dimension: null } or { Member: not null }] && all[0].Points.Count > 0)
            KpiOutput.WritePoints(call, all[0]);
        else
            KpiOutput.WriteMembers(call, all);
        return ExitCode.Done;
    }
}
