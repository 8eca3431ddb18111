using System.CommandLine;
using Millrace.Cli.Output;

namespace Millrace.Cli.Commands;

/// <summary>Lists the anomalies of business figures.</summary>
internal static class KpiAnomaliesCommand
{
    private const int DefaultLimit = 20;

    public static ToolCommand Create()
    {
        var kpi = new Argument<string?>("kpi")
        {
            Description = "The name of a figure, such as revenue; all by default.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var since = new Option<DateTimeOffset?>("--since", "--from")
        {
            HelpName = "TIME",
            Description = "The start: a time, or an age such as 2h or 7d.",
            CustomParser = FilterOptions.ParseTime,
        };
        var before = new Option<DateTimeOffset?>("--before", "--to")
        {
            HelpName = "TIME",
            Description = "The end.",
            CustomParser = FilterOptions.ParseTime,
        };
        var limit = new Option<int>("--limit")
        {
            HelpName = "N",
            Description = "The maximum number of anomalies, from 1 to 1,000.",
            DefaultValueFactory = static _ => DefaultLimit,
        };
        var command = new ToolCommand(
            "anomalies", "Lists the anomalies of business figures with their explanations, the newest hours first.")
        {
            Examples =
            [
                ("kpi anomalies revenue --since 30d", "The last 30 days of a figure"),
                ("kpi anomalies --limit 5 --json", "With members and events, for programs"),
            ],
        };
        command.Arguments.Add(kpi);
        foreach (var option in (Option[])[since, before, limit])
            command.Options.Add(option);
        return command.SetShardsHandler(async (call, open, cancellationToken) =>
        {
            if (call.Get(limit) is < 1 or > KpiMonitor.MaxAnomalies)
                throw new CliException(ExitCode.Usage, "--limit must be from 1 to 1,000.");
            var query = new KpiAnomalyQuery
            {
                Kpi = call.Get(kpi),
                From = call.Get(since),
                To = call.Get(before),
                Limit = call.Get(limit),
            };
            Write(call, await KpiReportCommand.MonitorOf(open).ReadAnomalies(query, cancellationToken));
            return ExitCode.Done;
        });
    }

    private static void Write(ToolInvocation call, IReadOnlyList<KpiAnomaly> anomalies)
    {
        if (call.IsJson)
        {
            JsonOutput.Value(call, anomalies, KpiJson.Default.IReadOnlyListKpiAnomaly);
            return;
        }
        if (anomalies.Count == 0)
            call.Line("No anomaly is stored. An application with UseKpiMonitor finds them.");
        foreach (var anomaly in anomalies)
        {
            call.Line($"{EventView.TimeOf(anomaly.Hour)}  {TerminalText.OneLine(anomaly.Text).Replace('\u00A0', ' ')}");
            if (anomaly.Command is { } command)
                call.Line($"    {TerminalText.OneLine(command)}");
        }
    }
}
