namespace Millrace.Faults.Tests;

/// <summary>The plan of a round. The seed and the number of the round determine the plan.</summary>
/// <param name="Seed">The seed of the run.</param>
/// <param name="Round">The number of the round, from 1.</param>
/// <param name="Fault">The fault.</param>
/// <param name="Victim">The number of the node that the fault affects.</param>
/// <param name="After">The time from the start of the load to the fault.</param>
/// <param name="Lasting">The duration of a fault that lasts.</param>
internal sealed record RoundPlan(int Seed, int Round, Fault Fault, int Victim, TimeSpan After, TimeSpan Lasting)
{
    /// <summary>The environment variable with the seed of the run to repeat.</summary>
    public const string SeedVariable = "MILLRACE_FAULT_SEED";

    /// <summary>The environment variable with the number of the only round to run.</summary>
    public const string RoundVariable = "MILLRACE_FAULT_ROUND";

    private const int Nodes = 3;

    /// <summary>Gets the command that reproduces the round.</summary>
    public string ReplayCommand =>
        $"{SeedVariable}={Seed} {RoundVariable}={Round} ./test --only No_acknowledged_event_is_lost_under_any_fault";

    /// <summary>Returns the plan of a round. Every kind of fault occurs before a kind repeats.</summary>
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

    /// <summary>Returns the name of a stream of this round.</summary>
    public string Stream(int number) => $"note-{Seed}.{Round}.{number}";
}
