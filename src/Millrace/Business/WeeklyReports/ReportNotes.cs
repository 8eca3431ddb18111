using System.Globalization;

namespace Millrace.Business.WeeklyReports;

/// <summary>Writes the notes about figures that may be incomplete.</summary>
internal static class ReportNotes
{
    /// <summary>The note about a report with such a figure.</summary>
    public const string Incomplete = "Some figures may be incomplete: see their notes";

    /// <summary>Returns the note about a figure; null if it contains all events.</summary>
    public static string? Of(Freshness freshness) => freshness switch
    {
        { IsFresh: true } => null,
        { IsOtherEpoch: true } => "The log was restored, so the values may be incomplete.",
        { BlockedEvents: > 0 } => string.Create(
            CultureInfo.InvariantCulture,
            $"{freshness.BlockedEvents:N0} events wait as dead letters, so the values may be incomplete."),
        _ => "The newest events are not counted yet, so the values may be incomplete.",
    };

    /// <summary>Returns the note about a figure that cannot be read.</summary>
    public static string Of(Exception exception) =>
        $"The figure could not be read: {exception.GetType().Name}: {exception.Message}";
}
