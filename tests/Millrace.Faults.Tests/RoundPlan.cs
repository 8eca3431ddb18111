namespace Millrace.Faults.Tests;

/// <summary>The plan of a round, determined by its seed and number.</summary>
/// <param name="Seed">The seed of the run.</param>
/// <param name="Round">The round, from 1.</param>
/// <param name="Fault">The fault.</param>
/// <param name="Victim">The node.</param>
/// <param name="After">The time from the start of the load to the fault.</param>
/// <param name="Lasting">The duration of a lasting fault.</param>
internal sealed record RoundPlan(int Seed, int Round, Fault Fault, int Victim, TimeSpan After, TimeSpan Lasting)
{
    /// <summary>The environment variables that rerun one round.</summary>
    public const string SeedVariable = "MILLRACE_FAULT_SEED";

    /// <inheritdoc cref="SeedVariable"/>
    public const string RoundVariable = "MILLRACE_FAULT_ROUND";

    private const int Nodes = 3;

    /// <summary>How to reproduce the round.</summary>
    public string ReplayCommand =>
        $"{SeedVariable}={Seed} {RoundVariable}={Round} ./test --only Nothing_acknowledged_is_lost_whatever_fails";

    /// <summary>Returns the plan of a round; every kind of fault occurs before any repeats.</summary>
    public static RoundPlan Of(int seed, int round)
    {
        var faults = Enum.GetValues<Fault>();
        new Random(seed).Shuffle(faults);
        var random = new Random((seed * 1_000) + round);
        var after = TimeSpan.FromMilliseconds(random.Next(200, 700));
        var fault = faults[(round - 1) % faults.Length];
        var lasting = fault == Fault.SilenceLine ? random.Next(2_200, 3_000) : random.Next(300, 1_200);
        return new RoundPlan(seed, round, fault, random.Next(Nodes), after, TimeSpan.FromMilliseconds(lasting));
    }

    /// <summary>Returns a stream of this round by its number.</summary>
    public string Stream(int number) => $"note-{Seed}.{Round}.{number}";
}
