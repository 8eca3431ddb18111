using System.CommandLine;
using Millrace.Cli.Charts;
using Millrace.Cli.Output;
using Millrace.Storage;

namespace Millrace.Cli.Commands;

/// <summary>Shows the lag of consumers over time.</summary>
internal static class ConsumersWatchCommand
{
    private const int MaxSamples = 600;
    private static readonly TimeSpan MinInterval = TimeSpan.FromMilliseconds(50);

    public static Command Create()
    {
        var consumer = new Argument<string?>("consumer")
        {
            Description = "The consumer; all by default.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var seconds = new Option<double>("--seconds")
        {
            HelpName = "N",
            Description = "The duration.",
            DefaultValueFactory = _ => 10,
        };
        var every = new Option<double>("--every")
        {
            HelpName = "SECONDS",
            Description = "The interval between samples; at least 0.05.",
            DefaultValueFactory = _ => 0.5,
        };
        var command = new ToolCommand("watch", "Samples the lag of consumers for a while and draws it.")
        {
            Examples =
            [
                ("consumers watch", "All of them, for ten seconds"),
                ("consumers watch daily-sales@1 --seconds 5 --every 1", "One, for five seconds"),
            ],
        };
        command.Arguments.Add(consumer);
        command.Options.Add(seconds);
        command.Options.Add(every);
        return command.SetStoreHandler(
            async (call, open, cancellationToken) =>
            {
                var pause = TimeSpan.FromSeconds(call.Get(every));
                var samples = call.Get(seconds) / Math.Max(0.001, call.Get(every));
                if (pause < MinInterval || samples is < 0 or > MaxSamples)
                    throw new CliException(
                        ExitCode.Usage,
                        $"--every must be at least {MinInterval.TotalSeconds} seconds, and at most {MaxSamples} "
                            + "samples are taken."
                    );
                var consumers = new ConsumerStatusTable(open, call.Time);
                if (call.Get(consumer) is { } name)
                    await consumers.Get(name, cancellationToken);
                var lagSamples = new LagSamples();
                var count = (int)Math.Ceiling(samples);
                await Watch(call, call.Get(consumer), open, consumers, lagSamples, pause, count, cancellationToken);
                if (call.IsJson)
                    WriteJson(call, lagSamples);
                else
                    Write(call, lagSamples);
                return ExitCode.Done;
            }
        );
    }

    private static async Task Watch(
        ToolInvocation call,
        string? consumer,
        OpenStore open,
        ConsumerStatusTable consumers,
        LagSamples lagSamples,
        TimeSpan pause,
        int samples,
        CancellationToken cancellationToken)
    {
        for (var i = 0; i <= samples; i++)
        {
            if (i > 0)
                await Task.Delay(pause, call.Time, cancellationToken);
            var head = (await open.Storage.Log.GetHead(cancellationToken)).Position;
            foreach (var record in await consumers.List(consumer, cancellationToken))
                lagSamples.Add(record, Math.Max(0, head - ConsumerStatusTable.PositionOf(record)));
        }
    }

    private static void Write(ToolInvocation call, LagSamples lagSamples)
    {
        if (lagSamples.All.Count == 0)
        {
            call.Line("No consumer has run on this store yet.");
            return;
        }
        var width = Math.Clamp(call.Console.Profile.Width - 60, 10, 60);
        var rows = new TextTable("consumer", "lag, events", "#first", "#most", "#last");
        foreach (var ((consumer, partition), lags) in lagSamples.All)
            rows.Add(
                partition == 0 ? consumer : $"{consumer} / {TextTable.Number(partition)}",
                Sparkline.Of(lags, width, Glyphs.FromEnvironment()),
                TextTable.Number(lags[0]),
                TextTable.Number(lags.Max()),
                TextTable.Number(lags[^1]));
        rows.Write(call);
    }

    private static void WriteJson(ToolInvocation call, LagSamples lagSamples) =>
        JsonOutput.Array(
            call,
            lagSamples.All,
            (writer, one) =>
            {
                writer.WriteString("consumer"u8, one.Key.Consumer);
                writer.WriteNumber("partition"u8, one.Key.Partition);
                writer.WriteStartArray("lagEvents"u8);
                foreach (var lag in one.Value)
                    writer.WriteNumberValue(lag);
                writer.WriteEndArray();
            }
        );

    private sealed class LagSamples
    {
        public SortedDictionary<(string Consumer, int Partition), List<long>> All { get; } = [];

        public void Add(ConsumerRecord record, long lag)
        {
            if (!All.TryGetValue((record.Consumer, record.Partition), out var lags))
                All[(record.Consumer, record.Partition)] = lags = [];
            lags.Add(lag);
        }
    }
}
