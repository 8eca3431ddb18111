using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Benchmarks.Data;
using Millrace.Benchmarks.Harness;
using Millrace.Benchmarks.Scenarios;
using Millrace.PostgreSql;

namespace Millrace.Benchmarks.PostgreSql;

/// <summary>The work of this program when it runs as another node.</summary>
internal static class BenchNode
{
    public const string Append = "append";
    public const string Project = "project";
    public const string Decide = "decide";
    public const string Ready = "READY";
    public const string Go = "GO";
    public const string Settle = "SETTLE";
    public const string End = "END";
    public const int Writers = 32;

    public static async Task<int> Run(IReadOnlyList<string> arguments)
    {
        var numbers = arguments.Skip(3).Select(text => int.Parse(text, CultureInfo.InvariantCulture)).ToArray();
        var storage = new PostgreSqlStorage(new PostgreSqlOptions
        {
            ConnectionString = Environment.GetEnvironmentVariable(NodeProcess.AddressVariable) ?? "",
            LogSchema = arguments[1],
            DocumentSchema = arguments[2],
        });
        using var input = new StreamReader(Console.OpenStandardInput());
        switch (arguments[0])
        {
            case Append:
                await RunAppends(storage, input, node: numbers[0], nodes: numbers[1], seconds: numbers[2]);
                return 0;
            case Project:
                await RunProjection(storage, input);
                return 0;
            case Decide:
                await DecidingNode.Run(
                    storage, arguments[1], input, new DecidingWork(numbers[0], numbers[1], numbers[2], numbers[3]));
                return 0;
            default:
                throw new ArgumentException($"'{arguments[0]}' is not a task of a node.");
        }
    }

    /// <summary>
    /// Waits for the start signal, appends for some seconds, and writes the number of events per second.
    /// </summary>
    private static async Task RunAppends(PostgreSqlStorage storage, TextReader input, int node, int nodes, int seconds)
    {
        await using var store = await Stores.Open(storage);
        Console.WriteLine(Ready);
        if (await input.ReadLineAsync() != Go)
            return;
        var load = new AppendLoad(Writers, 1, node, nodes);
        var round = await WriterLoad.RunFor(
            Writers,
            TimeSpan.FromSeconds(2),
            TimeSpan.FromSeconds(seconds),
            1,
            load.Through(store));
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture, $"{round.PerSecond} {storage.OptimisticCommits.Hits} {round.Costs}"));
    }

    /// <summary>
    /// Builds a read model. Each line of the input describes an event: "key token due committed". Measures when the
    /// model contains each event, and writes the percentiles.
    /// </summary>
    private static async Task RunProjection(PostgreSqlStorage storage, TextReader input)
    {
        using var host = await Application.Start(storage, model => model.Projection(LineTotals.Definition));
        var store = host.Services.GetRequiredService<EventStore>();
        var consumers = host.Services.GetRequiredService<Consumers>();
        await consumers.WaitFor(LineTotals.Definition.Collection, await store.GetToken(), TimeSpan.FromMinutes(5));
        Console.WriteLine(Ready);
        var model = host.Services.GetRequiredService<IReadModel<int, LineTotal>>();
        var seen = new List<Task<(long FromDue, long FromCommit)>>();
        while (await input.ReadLineAsync() is { } line && line != End)
        {
            if (line != Settle)
            {
                seen.Add(WaitFor(model, line.Split(' ')));
                continue;
            }
            await Task.WhenAll(seen);
            seen.Clear();
            Console.WriteLine(Ready);
        }
        var (fromDue, fromCommit) = (new Latencies(seen.Count), new Latencies(seen.Count));
        foreach (var times in await Task.WhenAll(seen))
        {
            fromDue.Add(times.FromDue);
            fromCommit.Add(times.FromCommit);
        }
        Console.WriteLine(string.Join(' ', ((double[])
        [
            fromCommit.Percentile(0.5), fromCommit.Percentile(0.95), fromCommit.Percentile(0.99),
            fromDue.Percentile(0.5), fromDue.Percentile(0.95), fromDue.Percentile(0.99),
        ]).Select(number => number.ToString(CultureInfo.InvariantCulture))));
        await host.StopAsync();
    }

    /// <summary>
    /// Waits until the model contains an event. The times are comparable, because all processes use the clock of the
    /// machine.
    /// </summary>
    private static async Task<(long FromDue, long FromCommit)> WaitFor(IReadModel<int, LineTotal> model, string[] parts)
    {
        var key = int.Parse(parts[0], CultureInfo.InvariantCulture);
        var token = ConsistencyToken.Parse(parts[1]);
        var answer = await model.Get(key, new ReadAfter(token, TimeSpan.FromSeconds(30)));
        var now = Stopwatch.GetTimestamp();
        return answer.IsFresh
            ? (
                now - long.Parse(parts[2], CultureInfo.InvariantCulture),
                now - long.Parse(parts[3], CultureInfo.InvariantCulture))
            : throw new InvalidOperationException(
                "The read model of another node did not reach an event within half a minute.");
    }
}
