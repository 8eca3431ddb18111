namespace Millrace;

/// <summary>What became of dead letters that were decided about together.</summary>
/// <param name="Released">How many the decision was made about.</param>
/// <param name="Missed">How many had changed meanwhile, and were left alone.</param>
/// <param name="Passed">How many passed, as far as outcomes were waited for.</param>
/// <param name="Failed">How many failed again, as far as outcomes were waited for.</param>
/// <param name="IsStopped">Whether it stopped because too many failed.</param>
public sealed record DeadLetterReplay(int Released, int Missed, int Passed, int Failed, bool IsStopped)
{
    /// <summary>The number of the last letter that was come to, behind which a further replay goes on; 0 when none
    /// matched.</summary>
    public long Last { get; init; }
}
