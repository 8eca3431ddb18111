using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Commerce.Tests.Chaos;

/// <summary>Kills programs and servers at random, restarts them, and records it.</summary>
internal sealed class ChaosFaults
{
    private readonly ConcurrentQueue<string> _timeline = [];
    private readonly long _begin = Stopwatch.GetTimestamp();
    private int _kills;

    /// <summary>The events of the run: target and time.</summary>
    public IReadOnlyCollection<string> Timeline => _timeline;

    /// <summary>The number of kills and restarts.</summary>
    public int Kills => _kills;

    /// <summary>
    /// Kills and restarts targets repeatedly until the time is over and each has been killed; afterwards all run.
    /// Targets start in their order.
    /// </summary>
    public async Task InjectFaults(IReadOnlyList<ChaosTarget> all, int most, Random random, CancellationToken enough)
    {
        var spared = all.ToHashSet();
        while (!enough.IsCancellationRequested || spared.Count > 0)
        {
            await ChaosPause.For(TimeSpan.FromMilliseconds(random.Next(1_500, 5_000)), enough);
            if (enough.IsCancellationRequested && spared.Count == 0)
                return;
            var chosen = all.OrderByDescending(spared.Contains)
                .ThenBy(_ => random.Next())
                .Take(random.Next(1, most + 1))
                .ToHashSet();
            await KillAndStart([.. all.Where(chosen.Contains)], random);
            spared.ExceptWith(chosen);
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

    private void Log(string what) =>
        _timeline.Enqueue(
            string.Create(
                CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(_begin).TotalSeconds,6:F1} s  {what}"));
}
