using System.Globalization;

namespace Millrace.Cli.Models;

/// <summary>Formats processes and their parts as text.</summary>
internal static class ProcessText
{
    /// <summary>Returns the name of a process, with its version when there are several.</summary>
    public static string NameOf(ProcessDescription process, ModelDescription model) =>
        model.Processes.Count(other => other.Name == process.Name) == 1
            ? process.Name
            : string.Create(CultureInfo.InvariantCulture, $"{process.Name}, version {process.Version}");

    /// <summary>Returns a description of a part, such as <c>waits for order.shipped, 3 days at most</c>.</summary>
    public static string DescriptionOf(ProcessPart part) => part.Kind switch
    {
        ProcessPartKind.Step when part.Sends.Count > 0 => $"sends {ModelText.List(part.Sends)}",
        ProcessPartKind.Step => "sends a command",
        ProcessPartKind.Parallel => "starts all at once, and waits for all of them",
        ProcessPartKind.Await when part.Within is { } within => $"waits for {part.Event}, {Of(within)} at most",
        ProcessPartKind.Await => $"waits for {part.Event}",
        ProcessPartKind.Decision => $"decides by {part.Event}",
        _ => "from here on it is not undone",
    };

    /// <summary>Returns the compensation of a step, or null.</summary>
    public static string? CompensationOf(ProcessPart part) =>
        !part.CanBeUndone ? null : part.UndoneBy.Count > 0 ? ModelText.List(part.UndoneBy) : "a command";

    /// <summary>Returns a description of the timeout of a part, or null when the part has no timeout.</summary>
    /// <param name="part">The part.</param>
    /// <param name="isIrreversible">True when the part is after the point of no return.</param>
    public static string? TimeoutText(ProcessPart part, bool isIrreversible) =>
        part.Within is null
            ? null
            : part.OnTimeout switch
            {
                TimeoutRule.Continue => "continues",
                TimeoutRule.Hold => "held for a decision",
                _ when isIrreversible => "held for a decision",
                _ => "undone",
            };

    /// <summary>Formats a duration.</summary>
    public static string Of(TimeSpan time)
    {
        ReadOnlySpan<(long Ticks, string Word)> units =
        [
            (TimeSpan.TicksPerDay, "day"), (TimeSpan.TicksPerHour, "hour"), (TimeSpan.TicksPerMinute, "minute"),
            (TimeSpan.TicksPerSecond, "second"),
        ];
        foreach (var (ticks, word) in units)
        {
            if (time.Ticks >= ticks && time.Ticks % ticks == 0)
            {
                var count = time.Ticks / ticks;
                return string.Create(CultureInfo.InvariantCulture, $"{count} {word}{(count == 1 ? "" : "s")}");
            }
        }
        return time.ToString("c", CultureInfo.InvariantCulture);
    }
}
