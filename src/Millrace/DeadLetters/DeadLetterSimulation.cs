using Millrace.Storage;

namespace Millrace;

/// <summary>What would become of dead letters, tried on copies: nothing was written.</summary>
/// <param name="DeadLetters">Each letter with what would become of it.</param>
public sealed record DeadLetterSimulation(IReadOnlyList<SimulatedDeadLetter> DeadLetters)
{
    /// <summary>How many would pass.</summary>
    public int Passes => DeadLetters.Count(letter => letter.Outcome == SimulatedOutcome.Passes);

    /// <summary>How many would fail.</summary>
    public int Fails => DeadLetters.Count(letter => letter.Outcome == SimulatedOutcome.Fails);

    /// <summary>How many cannot be tried without effects.</summary>
    public int Unknown => DeadLetters.Count(letter => letter.Outcome == SimulatedOutcome.Unknown);
}

/// <summary>A dead letter with what would become of it.</summary>
/// <param name="DeadLetter">The letter.</param>
/// <param name="Outcome">What would become of it.</param>
/// <param name="Error">Why it would fail, or why that cannot be told; null when it would pass.</param>
/// <param name="Cause">The cause by which it would be grouped; null unless it would fail.</param>
public sealed record SimulatedDeadLetter(
    DeadLetter DeadLetter, SimulatedOutcome Outcome, string? Error = null, string? Cause = null);

/// <summary>What would become of a dead letter.</summary>
public enum SimulatedOutcome
{
    /// <summary>It would pass.</summary>
    Passes,

    /// <summary>It would fail again.</summary>
    Fails,

    /// <summary>It was not tried: that would have effects, or this program does not know the consumer.</summary>
    Unknown,
}
