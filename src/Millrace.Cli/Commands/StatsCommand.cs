using System.CommandLine;
using Millrace.Cli.Charts;
using Millrace.Cli.Output;
using Spectre.Console;

namespace Millrace.Cli.Commands;

/// <summary>Draws the number of events by time and by type.</summary>
internal static class StatsCommand
{
    private static readonly Style Bar = new(Color.Blue);
    private static readonly Style Dim = new(Color.Grey);

    public static Command Create()
    {
        var filter = new FilterOptions();
        var per = new Option<string?>("--per")
        {
            HelpName = "PART",
            Description = "The time unit: minute, hour, day, month or year; chosen automatically by default.",
        };
        per.AcceptOnlyFromAmong([.. TimeBuckets.Names]);
        var last = new Option<int>("--last", "-n")
        {
            HelpName = "N",
            Description = "The maximum number of time units, latest first, and of types.",
            DefaultValueFactory = _ => 40,
        };
        var command = new ToolCommand("stats", "Draws the number of events by time and by type.")
        {
            Examples =
            [
                ("stats", "All events, with an automatic time unit"),
                ("stats --per hour --since 24h", "The last 24 hours, hour by hour"),
                ("stats --type order.placed --per month --json", "One type, for programs"),
            ],
        };
        command.Options.Add(per);
        command.Options.Add(last);
        filter.AddTo(command);
        return command.SetStoreHandler(async (call, open, cancellationToken) =>
        {
            if (call.Get(last) is < 1 or > 10_000)
                throw new CliException(ExitCode.Usage, "--last must be from 1 to 10,000.");
            var counts = new EventCounts(open, filter.Of(call));
            var span = await counts.Span(cancellationToken);
            var buckets = call.Get(per) is { } unit ? new TimeBuckets(unit)
                : TimeBuckets.For(span is { } range ? range.Last - range.First : TimeSpan.Zero);
            var times = span is { } found
                ? await counts.ByTime(buckets, found.First, found.Last, call.Get(last), cancellationToken)
                : [];
            var types = (await counts.ByType(cancellationToken)).Take(call.Get(last)).ToList();
            if (call.IsJson)
                WriteJson(call, buckets, times, types);
            else
                Write(call, buckets, times, types);
            return ExitCode.Done;
        });
    }

    private static void Write(
        ToolInvocation call,
        TimeBuckets buckets,
        List<(DateTimeOffset From, long Events)> times,
        List<(string Type, long Events)> types)
    {
        if (times.Count == 0)
        {
            call.Line("No events match.");
            return;
        }
        call.Line($"Events per {buckets.Unit} (UTC)");
        Draw(call, [.. times.Select(one => (buckets.Label(one.From), one.Events))]);
        call.Line("");
        call.Line("Events by type");
        Draw(call, [.. types.Select(one => (TerminalText.OneLine(one.Type), one.Events))]);
    }

    private static void Draw(ToolInvocation call, IReadOnlyList<(string Label, long Value)> values)
    {
        foreach (var (label, bar, value) in TextBarChart.Of(
            values, call.Console.Profile.Width - 1, Glyphs.FromEnvironment()))
        {
            call.Console.Write(new Text(label + "  ", Dim));
            call.Console.Write(new Text(bar, Bar));
            call.Console.Write(new Text("  " + value + Environment.NewLine));
        }
    }

    private static void WriteJson(
        ToolInvocation call,
        TimeBuckets buckets,
        List<(DateTimeOffset From, long Events)> times,
        List<(string Type, long Events)> types) =>
        JsonOutput.Object(
            call,
            writer =>
            {
                writer.WriteString("per"u8, buckets.Unit);
                writer.WriteStartArray("times"u8);
                foreach (var (from, events) in times)
                {
                    writer.WriteStartObject();
                    writer.WriteString("from"u8, from.UtcDateTime);
                    writer.WriteNumber("events"u8, events);
                    writer.WriteEndObject();
                }
                writer.WriteEndArray();
                writer.WriteStartArray("types"u8);
                foreach (var (type, events) in types)
                {
                    writer.WriteStartObject();
                    writer.WriteString("type"u8, type);
                    writer.WriteNumber("events"u8, events);
                    writer.WriteEndObject();
                }
                writer.WriteEndArray();
            }
        );
}
