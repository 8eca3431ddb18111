using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Commerce.Tests.Chaos;

/// <summary>Kills and restarts programs and servers at random, and records each kill and each restart.</summary>
internal sealed class ChaosFaults
{
    private readonly ConcurrentQueue<string> _timeline = [];
    private readonly long _begin = Stopwatch.GetTimestamp();
    private int _kills;

    /// <summary>Gets the kills and restarts of the run with their target and time.</summary>
    public IReadOnlyCollection<string> Timeline => _timeline;

    /// <summary>Gets the number of kills and restarts.</summary>
    public int Kills => _kills;

    /// <summary>
    /// Kills and restarts targets until the time is over and each target was killed. Targets start in the order of the
    /// list. When the method returns, all targets run.
    /// </summary>
    public async Task InjectFaults(
        IReadOnlyList<ChaosTarget> targets, int maxTargets, Random random, CancellationToken end)
    {
        var notYetKilled = targets.ToHashSet();
        while (!end.IsCancellationRequested || notYetKilled.Count > 0)
        {
            await ChaosPause.For(TimeSpan.FromMilliseconds(random.Next(1_500, 5_000)), end);
            if (end.IsCancellationRequested && notYetKilled.Count == 0)
                return;
            var chosen = targets.OrderByDescending(notYetKilled.Contains)
                .ThenBy(_ => random.Next())
                .Take(random.Next(1, maxTargets + 1))
                .ToHashSet();
            await KillAndStart([.. targets.Where(chosen.Contains)], random);
            notYetKilled.ExceptWith(chosen);
        }
    }

    private async Task KillAndStart(List<ChaosTarget> victims, Random random)
    {
        var names = string.Join(" and ", victims.Select(victim => victim.Name));
        Log($"{names} killed");
        foreach (var victim in victims)
            await victim.Kill();
        Interlocked.Add(ref _kills, victims.Count);
        await ChaosPause.For(TimeSpan.FromMilliseconds(random.Next(100, 2_500)), CancellationToken.None);
        foreach (var victim in victims)
            await victim.Start();
        Log($"{names} started");
    }

    private void Log(string text) =>
        _timeline.Enqueue(
            string.Create(
                CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(_begin).TotalSeconds,6:F1} s  {text}"));
}
