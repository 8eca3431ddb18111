namespace Millrace.Faults.Tests;

/// <summary>What happens in a round, by its seed and number: the same ones give the same plan.</summary>
/// <param name="Seed">Of the run.</param>
/// <param name="Round">The round, from 1.</param>
/// <param name="Fault">What is done.</param>
/// <param name="Victim">To which node.</param>
/// <param name="After">How long after the load starts.</param>
/// <param name="Lasting">How long it lasts, where it lasts.</param>
internal sealed record RoundPlan(int Seed, int Round, Fault Fault, int Victim, TimeSpan After, TimeSpan Lasting)
{
    /// <summary>The environment variables that have one round run again.</summary>
    public const string SeedVariable = "MILLRACE_FAULT_SEED";

    /// <inheritdoc cref="SeedVariable"/>
    public const string RoundVariable = "MILLRACE_FAULT_ROUND";

    private const int Nodes = 3;

    /// <summary>How to see it again.</summary>
    public string ReplayCommand =>
        $"{SeedVariable}={Seed} {RoundVariable}={Round} ./test --only Nothing_acknowledged_is_lost_whatever_fails";

    /// <summary>The plan of a round; every kind of fault comes before any comes again.</summary>
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

    /// <summary>The stream of a number in this round.</summary>
    public string Stream(int number) => $"note-{Seed}.{Round}.{number}";
}
