using System.Diagnostics;
using System.Globalization;
using Xunit.Abstractions;

namespace Millrace.Faults.Tests;

/// <summary>
/// Tests faults of nodes, back-ends, the database, connections and the disk under 32 writers and 8 consumers on three
/// nodes. No acknowledged event is lost or duplicated, every history is linearizable, and the nodes serve again soon.
/// </summary>
public sealed class ClusterFaultTests(Cluster cluster, ITestOutputHelper output) : IClassFixture<Cluster>
{
    private static readonly bool IsLong = Figures.AreAsserted;
    private static readonly int Rounds = IsLong ? 200 : 10;
    private static readonly int RoundsPerCheck = IsLong ? 20 : 2;
    private const int MinKills = 3; // One kill of each node, even if nodes start slowly.
    private const int MinOperations = 300; // On a busy machine, a round continues until it has this number.
    private static readonly TimeSpan KillDuration = TimeSpan.FromSeconds(IsLong ? 120 : 8);
    private static readonly double MinAnsweredShare = IsLong ? 0.999 : 0.99;
    // Other tests and builds may run at the same time.
    private static readonly TimeSpan ReturnLimit = TimeSpan.FromSeconds(IsLong ? 5 : 120);

    [PostgreSqlFact]
    public async Task No_acknowledged_event_is_lost_under_any_fault()
    {
        var seed = Variable(RoundPlan.SeedVariable) ?? Random.Shared.Next(1, 1_000_000);
        var only = Variable(RoundPlan.RoundVariable);
        var models = new ClusterModels(cluster.ConnectionString);
        var operations = 0;
        for (var round = only ?? 1; round <= (only ?? Rounds); round++)
        {
            var plan = RoundPlan.Of(seed, round);
            if (Cluster.ReasonToSkip(plan.Fault) is { } reason)
            {
                output.WriteLine($"Round {round} of seed {seed}, {plan.Fault}, was skipped. {reason}");
                continue;
            }
            var bundle = await Run(plan);
            operations += bundle.History.Count;
            await AssertSound(bundle);
            if (round % RoundsPerCheck == 0)
                await AssertReadModels(models, bundle);
        }
        await AssertVerifyCommandSucceeds();
        await AssertNoAuditFindings();
        Figures.Record(
            output,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{operations} operations; the nodes answered again "
                    + $"{cluster.LongestReturn.TotalSeconds:0.00} s after the database did, at the latest."
            )
        );
        Assert.True(
            cluster.LongestReturn < ReturnLimit,
            $"The nodes answered only {cluster.LongestReturn} after the return of the database.");
    }

    [PostgreSqlFact]
    public async Task Requests_are_answered_while_one_node_after_another_is_killed()
    {
        var plan = RoundPlan.Of(Random.Shared.Next(1, 1_000_000), 1) with { Fault = Fault.KillNode };
        var before = await cluster.LastPosition();
        var load = new ClusterLoad(cluster.Client, number => plan.Stream(number), plan.Seed);
        var (started, kills) = (Stopwatch.GetTimestamp(), 0);
        load.Start();
        for (; Stopwatch.GetElapsedTime(started) < KillDuration || kills < MinKills; kills++)
        {
            var victim = cluster.All[kills % cluster.All.Count];
            await victim.Kill();
            await victim.Start();
        }
        var history = await load.Stop();
        await AssertSound(new FaultBundle(plan, before, history, await cluster.RowsAfter(before)));

        var answered = history.Count(operation => operation.Answer != AnswerKind.Nothing) / (double)history.Count;
        var times = history.Where(operation => operation.Ended != Operation.Never)
            .Select(operation => Stopwatch.GetElapsedTime(operation.Began, operation.Ended).TotalMilliseconds)
            .Order().ToArray();
        var summary = string.Create(
            CultureInfo.InvariantCulture,
            $"{answered:P3} of {history.Count} requests were answered within "
                + $"{cluster.Client.WaitTimeout.TotalSeconds:0} s under {kills} kills; P50 "
                + $"{times[times.Length / 2]:0.0}, P99 {times[times.Length * 99 / 100]:0.0}, longest {times[^1]:0} ms."
        );
        Figures.Record(output, summary);
        Assert.True(answered >= MinAnsweredShare, summary);
    }

    [SmallDiskFact]
    public async Task No_acknowledged_event_is_lost_while_the_disk_is_full() =>
        await AssertSound(await Run(RoundPlan.Of(Random.Shared.Next(1, 1_000_000), 1) with { Fault = Fault.FillDisk }));

    [PostgreSqlFact]
    public async Task The_checks_find_a_node_that_acknowledges_unwritten_events_and_its_bundle_reproduces_the_fault()
    {
        var plan = RoundPlan.Of(seed: 7, round: 900) with { Fault = Fault.TerminateBackEnds };
        await cluster.KillAll();
        await cluster.StartAll(wrongAnswerInterval: 10);
        try
        {
            await AssertFaultDetected(plan);
        }
        finally
        {
            await cluster.KillAll();
            await cluster.StartAll();
        }
    }

    private async Task AssertFaultDetected(RoundPlan plan)
    {
        var failure = await Assert.ThrowsAnyAsync<Xunit.Sdk.XunitException>(async () =>
            await AssertSound(await Run(plan)));

        var directory = failure.Message.Split('\n')[0].Split(": ")[^1];
        var bundle = await FaultBundle.Read(directory);
        var problems = bundle.Problems();
        Assert.Equal(plan, bundle.Plan);
        Assert.Contains(
            problems, problem => problem.StartsWith("Acknowledged and not in the log", StringComparison.Ordinal));
        Assert.Contains(problems, problem => problem.Contains("is not linearizable", StringComparison.Ordinal));
        Assert.All(problems, problem => Assert.Contains(problem, failure.Message, StringComparison.Ordinal));
        Assert.True(File.Exists(Path.Combine(directory, "node-0.log")) && File.Exists(Path.Combine(directory, "log")));

        // A second run of the plan in the bundle fails too.
        var again = await Run(bundle.Plan with { Round = plan.Round + 1 });
        Assert.NotEmpty(again.Problems());
        Directory.Delete(directory, recursive: true);
    }

    private async Task<FaultBundle> Run(RoundPlan plan)
    {
        var before = await cluster.LastPosition();
        var load = new ClusterLoad(cluster.Client, number => plan.Stream(number), (plan.Seed * 1_000) + plan.Round);
        load.Start();
        await Pause.For(plan.After);
        await cluster.Inject(plan, load);
        await Pause.For(plan.After);
        await Testing.Eventually.Until(() => load.Count >= MinOperations, TimeSpan.FromMinutes(4));
        var history = await load.Stop();
        return new FaultBundle(plan, before, history, await cluster.RowsAfter(before));
    }

    private async Task AssertSound(FaultBundle bundle)
    {
        var problems = bundle.Problems();
        if (problems.Count > 0)
            Assert.Fail(
                "The bundle of the round is in: "
                    + $"{await bundle.Write(problems, cluster.Logs)}\n{string.Join('\n', problems)}"
            );
    }

    /// <summary>
    /// If a read model is wrong, writes the logs of the nodes and the content of the database to the bundle.
    /// </summary>
    private async Task AssertReadModels(ClusterModels models, FaultBundle bundle)
    {
        try
        {
            await models.CheckReadModels(bundle.Plan.ToString());
        }
        catch (Xunit.Sdk.XunitException failure)
        {
            var directory = await bundle.Write([failure.Message], cluster.Logs);
            await cluster.Dump(Path.Combine(directory, "database.sql"));
            Assert.Fail($"The bundle of the round is in: {directory}\n{failure.Message}");
        }
    }

    /// <summary>Checks that the command <c>millrace verify</c> finds no problem either.</summary>
    private async Task AssertVerifyCommandSucceeds()
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory);
        // artifacts/bin
        var tool = Path.Combine(output.Parent!.Parent!.FullName, "Millrace.Cli", output.Name, "Millrace.Cli.dll");
        using var verify =
            Process.Start(
                new ProcessStartInfo("dotnet", ["exec", tool, "verify", "--store", cluster.ConnectionString])
                {
                    RedirectStandardOutput = true,
                    RedirectStandardError = true,
                }
            ) ?? throw new InvalidOperationException("The tool did not start.");
        var error = verify.StandardError.ReadToEndAsync();
        var summary = await verify.StandardOutput.ReadToEndAsync();
        await verify.WaitForExitAsync();
        Assert.True(verify.ExitCode == 0, summary + await error);
    }

    /// <summary>Checks that the continuous audits of the nodes reported no problem.</summary>
    private async Task AssertNoAuditFindings()
    {
        foreach (var log in cluster.All.Select(node => node.LogPath))
        {
            var alarms = (await File.ReadAllLinesAsync(log))
                .Where(static line => line.Contains("The log has a problem", StringComparison.Ordinal)).ToList();
            Assert.True(alarms.Count == 0, string.Join('\n', alarms));
        }
    }

    private static int? Variable(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text
            ? int.Parse(text, CultureInfo.InvariantCulture)
            : null;
}
