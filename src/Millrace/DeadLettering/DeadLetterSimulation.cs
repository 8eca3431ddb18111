using Millrace.Storage;

namespace Millrace;

/// <summary>The predicted outcomes of dead letters, which were tried on copies without writing.</summary>
/// <param name="DeadLetters">Each dead letter with its predicted outcome.</param>
public sealed record DeadLetterSimulation(IReadOnlyList<SimulatedDeadLetter> DeadLetters)
{
    /// <summary>Gets the number of events that would succeed.</summary>
    public int Passes => DeadLetters.Count(letter => letter.Outcome == SimulatedOutcome.Passes);

    /// <summary>Gets the number of events that would fail.</summary>
    public int Fails => DeadLetters.Count(letter => letter.Outcome == SimulatedOutcome.Fails);

    /// <summary>Gets the number of events that cannot be tried without effects.</summary>
    public int Unknown => DeadLetters.Count(letter => letter.Outcome == SimulatedOutcome.Unknown);
}

/// <summary>A dead letter with its predicted outcome.</summary>
/// <param name="DeadLetter">The dead letter.</param>
/// <param name="Outcome">The predicted outcome.</param>
/// <param name="Error">The reason why it would fail, or why the outcome is unknown; null if it would succeed.</param>
/// <param name="Cause">The cause by which the failure would be grouped; null unless it would fail.</param>
public sealed record SimulatedDeadLetter(
    DeadLetter DeadLetter, SimulatedOutcome Outcome, string? Error = null, string? Cause = null);

/// <summary>The predicted outcome of a dead letter.</summary>
public enum SimulatedOutcome
{
    /// <summary>The event would succeed.</summary>
    Passes,

    /// <summary>The event would fail again.</summary>
    Fails,

    /// <summary>
    /// The event was not tried, because that would have effects or this program does not know the consumer.
    /// </summary>
    Unknown,
}
