namespace Millrace;

/// <summary>The stored names of the events that Millrace writes for itself: no build of an application needs to know them.</summary>
internal static class PlatformEvents
{
    /// <summary>What was decided about dead letters, by whom, and why.</summary>
    public const string DeadLettersDecided = "dead-letters.decided";

    public static bool Has(string type) => type == DeadLettersDecided;
}
