using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json;
using Millrace.Cli.Charts;
using Millrace.Cli.Output;

namespace Millrace.Cli.Commands;

/// <summary>Shows the history of the performance monitor.</summary>
internal static class MetricsCommand
{
    private const int ChartWidth = 40;
    private const int ChartSteps = 1_000;

    private static readonly TimeSpan DefaultRange = TimeSpan.FromHours(1);

    public static Command Create()
    {
        var metric = new Argument<string?>("metric")
        {
            Description = "The metric, such as event-rate; by default, the newest samples of all.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var options = new MetricOptions();
        var command = new ToolCommand(
            "metrics", "Shows the newest samples, or the history, of the performance monitor.")
        {
            Examples =
            [
                ("metrics", "The newest samples of all nodes"),
                ("metrics event-rate --since 1h", "A chart of the last hour for each node"),
                ("metrics consumer-lag --subject orders@1 --since 7d --json", "One consumer, for programs"),
            ],
        };
        command.Arguments.Add(metric);
        options.AddTo(command);
        return command.SetShardsHandler(async (call, open, cancellationToken) =>
        {
            var history = new MetricHistory(open.HomeStore);
            if (call.Get(metric) is { } name)
                await ShowHistory(call, history, options.QueryOf(call, Find(name).Name), cancellationToken);
            else
                ShowLatest(call, await history.ReadLatest(cancellationToken));
            return ExitCode.Done;
        });
    }

    private static MetricInfo Find(string name) =>
        MonitorMetrics.Find(name)
        ?? throw new CliException(
            ExitCode.NotFound,
            $"There is no metric '{TerminalText.OneLine(name)}'.",
            "The metrics are " + string.Join(", ", MonitorMetrics.All.Select(static one => one.Name)) + ".");

    private static void ShowLatest(ToolInvocation call, IReadOnlyList<MetricSample> samples)
    {
        if (call.IsJson)
        {
            JsonOutput.Array(call, samples, WriteMembers);
            return;
        }
        var table = new TextTable("metric", "subject", "node", "#value", "unit");
        foreach (var sample in samples)
        {
            var unit = MonitorMetrics.Find(sample.Metric)?.Unit ?? "";
            table.Add(sample.Metric, sample.Subject ?? "", sample.Node, ValueText(sample.Value), unit);
        }
        table.Write(call, "There are no current samples: no node with UseMonitor is running.");
    }

    private static async Task ShowHistory(
        ToolInvocation call, MetricHistory history, MetricQuery query, CancellationToken cancellationToken)
    {
        var all = await history.Read(query, cancellationToken);
        if (call.IsJson)
        {
            JsonOutput.Array(call, all, WriteMembers);
            return;
        }
        var table = new TextTable("subject", "node", "#min", "#average", "#max", "#last", "chart");
        foreach (var series in all)
            table.Add(Cells(series));
        table.Write(call, $"There are no samples of {query.Metric} in this time.");
    }

    private static string[] Cells(MetricSeries series)
    {
        var points = series.Points;
        var samples = points.Sum(static point => point.Samples);
        return
        [
            series.Subject ?? "",
            series.Node ?? "",
            ValueText(points.Min(static point => point.Min)),
            ValueText(points.Sum(static point => point.Average * point.Samples) / samples),
            ValueText(points.Max(static point => point.Max)),
            ValueText(points[^1].Average),
            Chart(points),
        ];
    }

    /// <summary>Returns a chart with one character for each part of the time of the points.</summary>
    private static string Chart(IReadOnlyList<MetricPoint> points)
    {
        var start = points[0].Start;
        var part = (points[^1].Start + points[^1].Length - start) / ChartWidth;
        var highest = points.Max(static point => point.Average);
        var parts = new double[ChartWidth + 1]; // The last one absorbs rounding.
        foreach (var point in points)
        {
            var end = point.Start + point.Length - TimeSpan.FromTicks(1) - start;
            for (var i = (int)((point.Start - start) / part); i <= (int)(end / part); i++)
                parts[i] = Math.Max(parts[i], point.Average);
        }
        long[] heights = [.. parts.Select(value => highest <= 0 ? 0 : (long)(value / highest * ChartSteps))];
        return Sparkline.Of(heights, ChartWidth, Glyphs.FromEnvironment());
    }

    private static string ValueText(double value) => Math.Abs(value) switch
    {
        >= 1_000 => value.ToString("N0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("0.0", CultureInfo.InvariantCulture),
        _ => value.ToString("0.###", CultureInfo.InvariantCulture),
    };

    private static void WriteMembers(Utf8JsonWriter writer, MetricSample sample)
    {
        writer.WriteString("metric"u8, sample.Metric);
        WriteSubject(writer, sample.Subject, sample.Node);
        writer.WriteString("time"u8, sample.Time.UtcDateTime);
        writer.WriteNumber("value"u8, sample.Value);
    }

    private static void WriteMembers(Utf8JsonWriter writer, MetricSeries series)
    {
        writer.WriteString("metric"u8, series.Metric);
        WriteSubject(writer, series.Subject, series.Node);
        writer.WriteStartArray("points"u8);
        foreach (var point in series.Points)
        {
            writer.WriteStartObject();
            writer.WriteString("start"u8, point.Start.UtcDateTime);
            writer.WriteNumber("seconds"u8, point.Length.TotalSeconds);
            writer.WriteNumber("average"u8, point.Average);
            writer.WriteNumber("min"u8, point.Min);
            writer.WriteNumber("max"u8, point.Max);
            writer.WriteNumber("samples"u8, point.Samples);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    private static void WriteSubject(Utf8JsonWriter writer, string? subject, string? node)
    {
        if (subject is not null)
            writer.WriteString("subject"u8, subject);
        writer.WriteString("node"u8, node);
    }

    /// <summary>The options that select a part of the history.</summary>
    private sealed class MetricOptions
    {
        private readonly Option<string?> _subject = new("--subject")
        {
            HelpName = "NAME",
            Description = "Only this subject, such as a consumer or a command.",
        };

        private readonly Option<string?> _node = new("--node")
        {
            HelpName = "NAME",
            Description = "Only this node.",
        };

        private readonly Option<DateTimeOffset?> _since = new("--since")
        {
            HelpName = "TIME",
            Description = "The start: a time, or an age such as 15m, 2h or 7d; an hour before the end by default.",
            CustomParser = FilterOptions.ParseTime,
        };

        private readonly Option<DateTimeOffset?> _before = new("--before")
        {
            HelpName = "TIME",
            Description = "The end; now by default.",
            CustomParser = FilterOptions.ParseTime,
        };

        private readonly Option<TimeSpan?> _resolution = new("--resolution")
        {
            HelpName = "TIME",
            Description = "The shortest length of a point, such as 5m or 1h.",
            CustomParser = ParseResolution,
        };

        public void AddTo(Command command)
        {
            foreach (var option in (Option[])[_subject, _node, _since, _before, _resolution])
                command.Options.Add(option);
        }

        public MetricQuery QueryOf(ToolInvocation call, string metric)
        {
            var to = call.Get(_before) ?? call.Time.GetUtcNow();
            var from = call.Get(_since) ?? to - DefaultRange;
            return from < to
                ? new MetricQuery
                {
                    Metric = metric,
                    Subject = call.Get(_subject),
                    Node = call.Get(_node),
                    From = from,
                    To = to,
                    Resolution = call.Get(_resolution),
                }
                : throw new CliException(ExitCode.Usage, "--since must be before the end.");
        }

        private static TimeSpan? ParseResolution(ArgumentResult result)
        {
            var text = result.Tokens[0].Value;
            if (FilterOptions.ParseAge(text) is { } resolution && resolution >= TimeSpan.FromMinutes(1))
                return resolution;
            result.AddError($"'{text}' is not a time of at least a minute: use 1m, 15m, 1h or 1d.");
            return null;
        }
    }
}
